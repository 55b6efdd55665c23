package org.dataflex.examples;

/** The 0.975 quantile of Student's t, for 95 % intervals over a few seeds. */
public final class StudentT {

    /** By degrees of freedom, from 1 on; standard tables. */
    private static final double[] QUANTILES = {
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228
    };

    private static final double NORMAL = 1.960;

    private StudentT() {}

    /**
     * Returns the quantile.
     *
     * @param degreesOfFreedom one less than the values
     * @return the quantile; from 11 degrees on the normal distribution's, below 1 NaN
     */
    public static double quantile975(int degreesOfFreedom) {
        if (degreesOfFreedom < 1) {
            return Double.NaN;
        }
        return degreesOfFreedom <= QUANTILES.length ? QUANTILES[degreesOfFreedom - 1] : NORMAL;
    }
}
