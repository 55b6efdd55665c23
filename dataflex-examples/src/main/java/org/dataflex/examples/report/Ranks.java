package org.dataflex.examples.report;

/** Places of a score among others, which ascend. */
final class Ranks {

    private Ranks() {}

    /** How many are less than the score. */
    static int below(double[] ascending, double score) {
        int low = 0;
        int high = ascending.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ascending[middle] < score) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** How many equal the score. */
    static int equal(double[] ascending, double score) {
        return below(ascending, Math.nextUp(score)) - below(ascending, score);
    }

    /** The score's rank, 1 for the highest; equal scores share the best. */
    static int fromTheTop(double[] ascending, double score) {
        return 1 + ascending.length - below(ascending, score) - equal(ascending, score);
    }
}
