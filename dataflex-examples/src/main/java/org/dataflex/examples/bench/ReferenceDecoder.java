package org.dataflex.examples.bench;

import java.util.List;
import java.util.random.RandomGenerator;
import org.dataflex.data.TokenSequences;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.DecoderConfig;
import org.dataflex.math.Quantiles;
import org.dataflex.math.Seeds;
import org.dataflex.torch.Precision;

/**
 * The decoder whose full training step in float32, 8 x 256 tokens, is the unit P of the benchmarks.
 *
 * <p>5.8 M parameters: 6 layers of 256 features, 8 heads, 688 in the MLP, 4,096 tokens, a tied
 * head.
 */
final class ReferenceDecoder {

    static final int BATCH_SIZE = 8;
    static final int LENGTH = 256;
    static final int VOCABULARY_SIZE = 4096;

    private static final DecoderConfig CONFIG =
            DecoderConfig.builder()
                    .setVocabularySize(VOCABULARY_SIZE)
                    .setHiddenSize(256)
                    .setNumLayers(6)
                    .setNumHeads(8)
                    .optIntermediateSize(688)
                    .optMaxPositions(512)
                    .optTieWordEmbeddings(true)
                    .build();

    private ReferenceDecoder() {}

    static CausalLm make(Precision precision) {
        CausalLm decoder = new CausalLm(CONFIG, 1);
        decoder.setPrecision(precision);
        return decoder;
    }

    /**
     * Floating-point operations of a training step: 6 a parameter and token, and attention's.
     *
     * @return multiplications and additions
     */
    static double operationsPerStep() {
        double tokens = (double) BATCH_SIZE * LENGTH;
        double d = CONFIG.hiddenSize();
        double layer = 4 * d * d + 3 * d * CONFIG.intermediateSize();
        double parameters = CONFIG.numLayers() * layer + VOCABULARY_SIZE * d;
        double attention = CONFIG.numLayers() * tokens * LENGTH * d / 2 * 2; // causal: half
        return 6 * (parameters * tokens + attention);
    }

    /** Random tokens, of lengths that are spread evenly from one to another. */
    static TokenSequences tokens(int numSequences, int shortest, int longest) {
        return tokens(VOCABULARY_SIZE, numSequences, shortest, longest);
    }

    /** Random tokens of another vocabulary. */
    static TokenSequences tokens(int vocabularySize, int numSequences, int shortest, int longest) {
        RandomGenerator random = Seeds.generator(1);
        TokenSequences.Builder sequences = TokenSequences.builder();
        for (int i = 0; i < numSequences; i++) {
            int length = random.nextInt(shortest, longest + 1);
            sequences.add(random.ints(length, 0, vocabularySize).toArray());
        }
        return sequences.build();
    }

    static double median(List<Double> values) {
        return Quantiles.of(values.stream().mapToDouble(v -> v).toArray(), 0.5)[0];
    }
}
