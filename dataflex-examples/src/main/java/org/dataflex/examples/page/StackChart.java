package org.dataflex.examples.page;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A chart of amounts over time, as areas stacked from 0 on.
 *
 * <p>The first part is at the bottom. An x at which any part is not finite is left out.
 *
 * @param title what the chart shows, as its heading
 * @param xLabel what x is, with its unit
 * @param yLabel what the amounts are, with their unit
 * @param parts the amounts of each part, at least 0, all at the same ascending x
 */
public record StackChart(String title, String xLabel, String yLabel, List<Series> parts) {

    /**
     * Copies the list and checks the amounts.
     *
     * @throws IllegalArgumentException if the series differ in x, if an x is smaller than the one
     *     before, or if an amount is negative
     */
    public StackChart {
        Objects.requireNonNull(title, "title");
        Objects.requireNonNull(xLabel, "xLabel");
        Objects.requireNonNull(yLabel, "yLabel");
        parts = List.copyOf(parts);
        for (Series part : parts) {
            Series first = parts.get(0);
            if (!Arrays.equals(part.x(), first.x())) {
                throw new IllegalArgumentException("all parts of '" + title + "' need equal x");
            }
            for (int i = 0; i < part.size(); i++) {
                if (i > 0 && part.xAt(i) < part.xAt(i - 1)) {
                    throw new IllegalArgumentException(
                            "x of '" + title + "' falls to " + part.xAt(i));
                }
                if (part.yAt(i) < 0) {
                    throw new IllegalArgumentException(
                            "part '"
                                    + part.name()
                                    + "' is "
                                    + part.yAt(i)
                                    + " at x = "
                                    + part.xAt(i));
                }
            }
        }
    }
}
