package org.dataflex.math;

/** What the clusterings ask of vectors. */
final class Vectors {

    private Vectors() {}

    static void check(float[][] rows, int k) {
        Arguments.notNull("rows", rows);
        if (k < 1 || k > rows.length) {
            throw new IllegalArgumentException(
                    "k = " + k + ", must be in [1, " + rows.length + "], the number of vectors");
        }
        for (int i = 0; i < rows.length; i++) {
            if (rows[i].length != rows[0].length) {
                throw new IllegalArgumentException(
                        "rows["
                                + i
                                + "] has "
                                + rows[i].length
                                + " features, must have "
                                + rows[0].length
                                + " as rows[0]");
            }
            for (int j = 0; j < rows[i].length; j++) {
                if (!Float.isFinite(rows[i][j])) {
                    throw new IllegalArgumentException(
                            "rows[" + i + "][" + j + "] = " + rows[i][j] + ", must be finite");
                }
            }
        }
    }

    /** Computes |a - b|^2, by four sums so that additions need not wait for one another. */
    static float squaredDistance(float[] a, float[] b) {
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        int whole = a.length & ~3;
        for (int j = 0; j < whole; j += 4) {
            float d0 = a[j] - b[j];
            float d1 = a[j + 1] - b[j + 1];
            float d2 = a[j + 2] - b[j + 2];
            float d3 = a[j + 3] - b[j + 3];
            s0 += d0 * d0;
            s1 += d1 * d1;
            s2 += d2 * d2;
            s3 += d3 * d3;
        }
        for (int j = whole; j < a.length; j++) {
            float d = a[j] - b[j];
            s0 += d * d;
        }
        return s0 + s1 + (s2 + s3);
    }

    static double squaredNorm(float[] a) {
        double sum = 0;
        for (float value : a) {
            sum += (double) value * value;
        }
        return sum;
    }

    /** Returns the vector of length 1, or the vector itself if it is all zeros. */
    static float[] unit(float[] a) {
        double norm = Math.sqrt(squaredNorm(a));
        if (norm == 0) {
            return a;
        }
        float[] unit = new float[a.length];
        for (int j = 0; j < a.length; j++) {
            unit[j] = (float) (a[j] / norm);
        }
        return unit;
    }
}
