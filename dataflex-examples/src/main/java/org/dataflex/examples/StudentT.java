package org.dataflex.examples;

/** The 0.975 quantile of Student's t, for 95 % intervals over a few seeds. */
public final class StudentT {

    /** By degrees of freedom, from 1 on; standard tables. */
    private static final double[] QUANTILES = {
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
        2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
        2.052, 2.048, 2.045, 2.042
    };

    private static final double NORMAL = 1.95996;

    private StudentT() {}

    /**
     * Returns the quantile.
     *
     * @param degreesOfFreedom one less than the values
     * @return the quantile; below 1 NaN, and from 31 on by the first two terms of its expansion
     *     around the normal distribution's, right to 0.001
     */
    public static double quantile975(int degreesOfFreedom) {
        if (degreesOfFreedom < 1) {
            return Double.NaN;
        }
        if (degreesOfFreedom <= QUANTILES.length) {
            return QUANTILES[degreesOfFreedom - 1];
        }
        double z = NORMAL;
        double n = degreesOfFreedom;
        return z
                + (z * z * z + z) / (4 * n)
                + (5 * Math.pow(z, 5) + 16 * z * z * z + 3 * z) / (96 * n * n);
    }
}
