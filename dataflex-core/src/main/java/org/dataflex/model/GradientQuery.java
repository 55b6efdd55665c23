package org.dataflex.model;

import java.util.Objects;
import java.util.function.Predicate;

/**
 * Which per-sample gradient to compute.
 *
 * @param parameters which trainable parameters contribute, by the name that {@code
 *     Block.getParameters} gives them
 * @param projection the map to [k], after preconditioning
 * @param preconditioner what becomes of the gradient first
 */
public record GradientQuery(
        Predicate<String> parameters, Projection projection, Preconditioner preconditioner) {

    /** Rejects null. */
    public GradientQuery {
        Objects.requireNonNull(parameters, "parameters");
        Objects.requireNonNull(projection, "projection");
        Objects.requireNonNull(preconditioner, "preconditioner");
    }

    /**
     * Asks for gradients as they are, without a preconditioner.
     *
     * @param parameters which trainable parameters contribute, by name
     * @param projection the map to [k]
     */
    public GradientQuery(Predicate<String> parameters, Projection projection) {
        this(parameters, projection, new Preconditioner.None());
    }

    /**
     * Asks for whole gradients: every trainable parameter, no projection.
     *
     * @return the query
     */
    public static GradientQuery full() {
        return new GradientQuery(name -> true, new Projection.Identity());
    }

    /**
     * Asks for projected gradients of every trainable parameter.
     *
     * @param projection the map to [k]
     * @return the query
     */
    public static GradientQuery projected(Projection projection) {
        return new GradientQuery(name -> true, projection);
    }

    /**
     * Asks for the same of preconditioned gradients.
     *
     * @param preconditioner what becomes of the gradient before projection
     * @return the query
     */
    public GradientQuery preconditioned(Preconditioner preconditioner) {
        return new GradientQuery(parameters, projection, preconditioner);
    }
}
