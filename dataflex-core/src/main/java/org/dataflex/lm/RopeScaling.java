package org.dataflex.lm;

import java.util.ArrayList;
import java.util.List;

/**
 * How Llama 3.1 and its successors stretch the positions that they learned to more of them: what
 * turns slowly turns slower still.
 *
 * <p>A pair of features that turns at f radians a token makes n = L f / (2 pi) turns within the L
 * tokens of the first training. Its frequency becomes
 *
 * <pre>
 * f                                 if n &gt; highFrequencyFactor: it tells neighbours apart
 * f / factor                        if n &lt; lowFrequencyFactor
 * (1 - s) f / factor + s f          between, s = (n - low) / (high - low)
 * </pre>
 *
 * <p>Hugging Face calls this {@code rope_type} "llama3"; the names in parentheses are its keys.
 *
 * @param factor how much slower, at least 1 (factor)
 * @param lowFrequencyFactor turns below which all is slowed, positive (low_freq_factor)
 * @param highFrequencyFactor turns above which nothing is, more than the former (high_freq_factor)
 * @param originalMaxPositions the longest sequence of the first training, L
 *     (original_max_position_embeddings)
 * @see <a href="https://arxiv.org/abs/2407.21783">The Llama 3 Herd of Models</a>
 */
public record RopeScaling(
        double factor,
        double lowFrequencyFactor,
        double highFrequencyFactor,
        int originalMaxPositions) {

    /**
     * Checks the settings.
     *
     * @throws IllegalArgumentException if some are wrong; the message has a line for each
     */
    public RopeScaling {
        List<String> wrong = new ArrayList<>();
        if (!(factor >= 1 && factor < Double.POSITIVE_INFINITY)) {
            wrong.add("factor = " + factor + ", must be at least 1 and finite");
        }
        if (!(lowFrequencyFactor > 0 && lowFrequencyFactor < highFrequencyFactor)) {
            wrong.add(
                    ("lowFrequencyFactor = %s and highFrequencyFactor = %s, must be positive and"
                                    + " the second the larger")
                            .formatted(lowFrequencyFactor, highFrequencyFactor));
        }
        if (originalMaxPositions < 1) {
            wrong.add("originalMaxPositions = " + originalMaxPositions + ", must be at least 1");
        }
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException(String.join(System.lineSeparator(), wrong));
        }
    }

    /**
     * Slows a frequency.
     *
     * @param frequency radians a token
     * @return radians a token
     */
    double slowed(double frequency) {
        double turns = originalMaxPositions * frequency / (2 * Math.PI);
        double kept = (turns - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
        double s = Math.min(1, Math.max(0, kept));
        return (1 - s) * frequency / factor + s * frequency;
    }
}
