package org.dataflex.math;

/** Finds the nearest centres of many vectors, which is most of the work of k-means. */
@FunctionalInterface
public interface CentreSearch {

    /** In Java, by several threads. */
    CentreSearch JAVA = NearestCentres::of;

    /**
     * Finds of each vector x the centre c with the largest x . c + b_c.
     *
     * @param rows the vectors, n of d features
     * @param centres the centres, k of d features
     * @param offsets b, k of them; -|c|^2 / 2 makes it the nearest centre
     * @return the centre of each vector, in [0, k); ties go to the lower one
     */
    int[] nearest(float[][] rows, float[][] centres, float[] offsets);
}
