package org.dataflex.lm;

import java.util.ArrayList;
import java.util.List;

/** Finds what is wrong with a {@link DecoderConfig}: a line each, with the value and the mend. */
final class DecoderConfigCheck {

    private final List<String> wrong = new ArrayList<>();

    DecoderConfigCheck atLeastOne(String name, int value) {
        if (value < 1) {
            wrong.add(name + " = " + value + ", must be at least 1");
        }
        return this;
    }

    DecoderConfigCheck positive(String name, double value) {
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            wrong.add(name + " = " + value + ", must be positive and finite");
        }
        return this;
    }

    DecoderConfigCheck notNegative(String name, int value) {
        if (value < 0) {
            wrong.add(name + " = " + value + ", must not be negative; 0 switches it off");
        }
        return this;
    }

    /** Checks how heads fit together, if nothing was wrong so far. */
    DecoderConfigCheck heads(int headSize, int numHeads, int numKeyValueHeads) {
        if (!wrong.isEmpty()) {
            return this;
        }
        if (headSize % 2 != 0) {
            wrong.add(
                    "headSize = %d is odd, but positions turn pairs of features; try headSize = %d"
                            .formatted(headSize, headSize + 1));
        }
        if (numHeads % numKeyValueHeads != 0) {
            wrong.add(
                    ("numKeyValueHeads = %d does not divide numHeads = %d, so that queries cannot"
                                    + " share keys evenly; numKeyValueHeads = numHeads shares none")
                            .formatted(numKeyValueHeads, numHeads));
        }
        return this;
    }

    /** Throws an {@link IllegalArgumentException} if something was wrong. */
    void done() {
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException(String.join(System.lineSeparator(), wrong));
        }
    }

    /**
     * Divides the features among the heads.
     *
     * @return {@code hiddenSize / numHeads}, or 1 where either is wrong by itself
     * @throws IllegalArgumentException if heads would get no even number of features
     */
    static int headSize(int hiddenSize, int numHeads) {
        if (hiddenSize < 1 || numHeads < 1) {
            return 1;
        }
        if (hiddenSize % (2 * numHeads) != 0) {
            throw new IllegalArgumentException(
                    ("hiddenSize = %d does not give numHeads = %d an even number of features each,"
                                    + " try hiddenSize = %d or set headSize")
                            .formatted(
                                    hiddenSize,
                                    numHeads,
                                    (hiddenSize / (2 * numHeads) + 1) * 2 * numHeads));
        }
        return hiddenSize / numHeads;
    }
}
