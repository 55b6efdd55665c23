package org.dataflex.examples.page;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/**
 * One axis of a chart: a range that starts and ends at round numbers, and the ticks between.
 *
 * @param ticks ascending multiples of 1, 2 or 5 times a power of ten, at equal distances, two at
 *     least
 */
record Axis(List<BigDecimal> ticks) {

    /** Relative width below which a range is taken as one value. */
    private static final double FLAT = 1e-9;

    /** Larger values are shown as gaps, so that differences cannot overflow. */
    private static final double LARGEST = 1e100;

    private static final double SMALLEST = 1e-100;

    private static final double[] ROUND = {1, 2, 5};

    /** Whether a value can be shown at all. */
    static boolean canShow(double value) {
        return Math.abs(value) <= LARGEST; // false for NaN
    }

    /**
     * Returns an axis that covers a range with about as many intervals as asked for, never more
     * than one beyond it at either end.
     *
     * <p>A range that is a single value is widened; an empty one, with {@code low > high}, becomes
     * 0 to 1.
     */
    static Axis covering(double low, double high, int intervals) {
        if (low > high) {
            return covering(0, 1, intervals);
        }
        double size = Math.max(Math.abs(low), Math.abs(high));
        if (high - low <= Math.max(FLAT * size, SMALLEST)) {
            double margin = size <= SMALLEST ? 1 : size / 10;
            return covering(low - margin, high + margin, intervals);
        }
        BigDecimal step = roundStep((high - low) / intervals);
        BigDecimal tick = multiple(low, step, RoundingMode.FLOOR);
        BigDecimal last = multiple(high, step, RoundingMode.CEILING);
        List<BigDecimal> ticks = new ArrayList<>();
        for (; tick.compareTo(last) <= 0; tick = tick.add(step)) {
            ticks.add(tick);
        }
        return new Axis(List.copyOf(ticks));
    }

    double min() {
        return ticks.get(0).doubleValue();
    }

    double max() {
        return ticks.get(ticks.size() - 1).doubleValue();
    }

    /** Where a value is between the ends: 0 at the low end, 1 at the high end. */
    double fraction(double value) {
        return (value - min()) / (max() - min());
    }

    /** The smallest round number that is not below a size. */
    private static BigDecimal roundStep(double size) {
        int exponent = (int) Math.floor(Math.log10(size));
        double power = Math.pow(10, exponent);
        for (double digit : ROUND) {
            if (digit * power >= size * (1 - FLAT)) {
                return BigDecimal.valueOf((long) digit).scaleByPowerOfTen(exponent);
            }
        }
        return BigDecimal.ONE.scaleByPowerOfTen(exponent + 1);
    }

    private static BigDecimal multiple(double value, BigDecimal step, RoundingMode mode) {
        BigDecimal count = BigDecimal.valueOf(value).divide(step, 0, mode);
        BigDecimal multiple = count.multiply(step);
        return multiple.setScale(Math.max(0, step.scale()), RoundingMode.UNNECESSARY);
    }
}
