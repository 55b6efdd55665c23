package org.dataflex.model;

import java.util.Objects;

/**
 * How the gradients G_i of n samples lie to S directions u_s.
 *
 * <p>Rows are in the order in which the samples were given. A sample without a finite gradient has
 * a norm that is not finite (NaN, if the gradient is NaN) and so has each of its {@link
 * #unitProduct}s; it changes nothing for the others.
 *
 * @param norms |G_i|, [n], at least 0
 * @param products the inner products of G_i and u_s, [n][S]; the arrays are not copied
 */
public record Alignment(float[] norms, float[][] products) {

    /** Rejects null and rows of products without a norm. */
    public Alignment {
        Objects.requireNonNull(norms, "norms");
        Objects.requireNonNull(products, "products");
        if (norms.length != products.length) {
            throw new IllegalArgumentException(
                    norms.length + " norms for " + products.length + " rows of products");
        }
    }

    /**
     * Returns the number of samples.
     *
     * @return n
     */
    public int size() {
        return norms.length;
    }

    /**
     * Returns the inner product of G_i / |G_i| and u_s.
     *
     * <p>If u_s is the mean of unit gradients ({@link Normalisation#UNIT}), this is the mean cosine
     * of G_i to them: mean_j cos(G_i, u_j) = (G_i / |G_i|) . (mean_j u_j / |u_j|).
     *
     * @param sample i, from 0
     * @param direction s, from 0
     * @return the product; 0 if G_i is 0; NaN if G_i is not finite
     */
    public float unitProduct(int sample, int direction) {
        float norm = norms[sample];
        if (norm == 0) {
            return 0;
        }
        return Float.isFinite(norm) ? products[sample][direction] / norm : Float.NaN;
    }
}
