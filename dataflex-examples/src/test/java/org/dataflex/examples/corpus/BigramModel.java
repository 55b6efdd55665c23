package org.dataflex.examples.corpus;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Relative frequencies of the pairs of neighbouring bytes in some documents. */
final class BigramModel {

    private static final int BYTES = 256;

    /** Added to each count, so that the divergence is finite. */
    private static final double PSEUDO_COUNT = 0.01;

    private final double[] probabilities = new double[BYTES * BYTES];

    BigramModel(List<String> documents) {
        documents.forEach(document -> count(document.getBytes(StandardCharsets.UTF_8)));
        double total = 0;
        for (int i = 0; i < probabilities.length; i++) {
            probabilities[i] += PSEUDO_COUNT;
            total += probabilities[i];
        }
        for (int i = 0; i < probabilities.length; i++) {
            probabilities[i] /= total;
        }
    }

    private void count(byte[] text) {
        for (int i = 1; i < text.length; i++) {
            probabilities[Byte.toUnsignedInt(text[i - 1]) * BYTES + Byte.toUnsignedInt(text[i])]++;
        }
    }

    /** Kullback-Leibler divergence of the other model from this one, in nats a byte pair. */
    double divergenceFrom(BigramModel other) {
        double sum = 0;
        for (int i = 0; i < probabilities.length; i++) {
            sum += probabilities[i] * Math.log(probabilities[i] / other.probabilities[i]);
        }
        return sum;
    }
}
