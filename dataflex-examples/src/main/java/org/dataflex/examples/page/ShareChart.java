package org.dataflex.examples.page;

import java.util.List;

/**
 * A chart of how a whole is divided over time, as areas stacked from 0 % to 100 %.
 *
 * <p>The first share is at the bottom. An x at which any share is not finite is left out.
 *
 * @param title what the chart shows, as its heading
 * @param xLabel what x is, with its unit
 * @param shares the proportions of each part, from 0 to 1, all at the same ascending x
 */
public record ShareChart(String title, String xLabel, List<Series> shares) {

    /** Room for rounding in a sum of proportions that were computed in float32. */
    private static final double TOLERANCE = 1e-4;

    /**
     * Copies the list and checks that the shares are proportions of one whole.
     *
     * @throws IllegalArgumentException if the series differ in x, if an x is smaller than the one
     *     before, if a share is negative, or if the shares at some x do not sum to 1
     */
    public ShareChart {
        shares = new StackChart(title, xLabel, "share", shares).parts();
        for (int i = 0; i < (shares.isEmpty() ? 0 : shares.get(0).size()); i++) {
            checkWhole(title, shares, i);
        }
    }

    private static void checkWhole(String title, List<Series> shares, int i) {
        double sum = shares.stream().mapToDouble(share -> share.yAt(i)).sum();
        if (Double.isFinite(sum) && Math.abs(sum - 1) > TOLERANCE) {
            throw new IllegalArgumentException(
                    "shares of '" + title + "' sum to " + sum + " at x = " + shares.get(0).xAt(i));
        }
    }

    /** The same as a stack of amounts. */
    StackChart stack() {
        return new StackChart(title, xLabel, "share", shares);
    }
}
