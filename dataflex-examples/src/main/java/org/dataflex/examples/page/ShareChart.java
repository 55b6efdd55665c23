package org.dataflex.examples.page;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

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
        Objects.requireNonNull(title, "title");
        Objects.requireNonNull(xLabel, "xLabel");
        shares = List.copyOf(shares);
        for (Series share : shares) {
            if (!Arrays.equals(share.x(), shares.get(0).x())) {
                throw new IllegalArgumentException("all shares of '" + title + "' need equal x");
            }
        }
        for (int i = 0; i < (shares.isEmpty() ? 0 : shares.get(0).size()); i++) {
            checkWhole(title, shares, i);
        }
    }

    private static void checkWhole(String title, List<Series> shares, int i) {
        double x = shares.get(0).xAt(i);
        if (i > 0 && x < shares.get(0).xAt(i - 1)) {
            throw new IllegalArgumentException("x of '" + title + "' falls to " + x);
        }
        double sum = 0;
        for (Series share : shares) {
            if (share.yAt(i) < 0) {
                throw new IllegalArgumentException(
                        "share '" + share.name() + "' is " + share.yAt(i) + " at x = " + x);
            }
            sum += share.yAt(i);
        }
        if (Double.isFinite(sum) && Math.abs(sum - 1) > TOLERANCE) {
            throw new IllegalArgumentException(
                    "shares of '" + title + "' sum to " + sum + " at x = " + x);
        }
    }
}
