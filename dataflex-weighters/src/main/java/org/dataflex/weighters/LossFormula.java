package org.dataflex.weighters;

import java.util.Arrays;
import org.dataflex.math.Simplex;
import org.dataflex.weighters.LossBasedWeighter.Compatibility;
import org.dataflex.weighters.LossBasedWeighter.Emphasis;

/** The formula of {@link LossBasedWeighter}. */
record LossFormula(Emphasis strategy, double delta, Compatibility compatibility) {

    /** DataFlex's least D, and our relative one: losses are float32, of 7 digits. */
    private static final double LEAST_SPREAD = 1e-6;

    /** w_i = exp(f_i / r) / sum_j exp(f_j / r). */
    double[] weights(double[] losses, double r) {
        double[] f = Arrays.stream(normalizedLosses(losses)).map(this::emphasize).toArray();
        double largest = Arrays.stream(f).max().orElseThrow();
        return Simplex.softmax(Arrays.stream(f).map(x -> (x - largest) / r).toArray());
    }

    /** h_i / delta = (2 l_i - l_max - l_min) / D, in [-1, 1]. */
    double[] normalizedLosses(double[] losses) {
        double min = Arrays.stream(losses).min().orElseThrow();
        double max = Arrays.stream(losses).max().orElseThrow();
        return normalizedLosses(losses, min, max);
    }

    /** The same, where l_min and l_max are given. */
    double[] normalizedLosses(double[] losses, double min, double max) {
        double spread = max - min;
        if (compatibility == Compatibility.DATAFLEX) {
            spread = Math.max(spread, LEAST_SPREAD);
        } else if (spread < LEAST_SPREAD * Math.max(1, Math.max(Math.abs(min), Math.abs(max)))) {
            return new double[losses.length];
        }
        double divisor = spread;
        return Arrays.stream(losses).map(x -> (2 * x - max - min) / divisor).toArray();
    }

    /** The largest value of f. */
    double largest() {
        return switch (strategy) {
            case QUADRATIC -> emphasize(0);
            default -> emphasize(1);
        };
    }

    /** f(delta u), for u = h / delta. */
    double emphasize(double u) {
        return switch (strategy) {
            case LINUPPER -> Math.min(delta * u + delta, delta);
            case UPPER -> 0.5 * (delta * u + delta);
            case QUADRATIC -> 1 - u * u;
            case EXTREMES -> Math.abs(delta * u);
            case UNIFORM -> compatibility == Compatibility.DATAFLEX ? delta * u : 0;
        };
    }
}
