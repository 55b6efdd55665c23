package org.dataflex.model;

import java.util.Objects;
import java.util.function.Predicate;

/**
 * Which per-sample gradient to compute.
 *
 * @param parameters which trainable parameters contribute, by the name that {@code
 *     Block.getParameters} gives them
 * @param projection the map to [k]
 */
public record GradientQuery(Predicate<String> parameters, Projection projection) {

    /** Rejects null. */
    public GradientQuery {
        Objects.requireNonNull(parameters, "parameters");
        Objects.requireNonNull(projection, "projection");
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
}
