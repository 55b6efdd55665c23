package org.dataflex.examples.bench;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.dataset.Batch;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.util.Locale;
import org.dataflex.DynamicTrainer;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.SampleSet;
import org.dataflex.examples.ResidentMemory;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.DecoderConfig;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.optim.AdamW;
import org.dataflex.selectors.LessSelector;

/**
 * Whether memory stays flat while LESS scores 100,000 candidates of 8 to 24 tokens in one update,
 * all parameters of a small decoder.
 */
public final class ScoringMemory {

    private static final int CANDIDATES = 100_000;
    private static final int EVERY = 10_000;
    private static final int VOCABULARY_SIZE = 256;

    private ScoringMemory() {}

    /**
     * Prints the memory held at each tenth of the candidates.
     *
     * @param arguments how many candidates, by default 100,000
     * @throws Exception if training fails
     */
    public static void main(String[] arguments) throws Exception {
        int size = arguments.length > 0 ? Integer.parseInt(arguments[0]) : CANDIDATES;
        DecoderConfig config =
                DecoderConfig.builder()
                        .setVocabularySize(VOCABULARY_SIZE)
                        .setHiddenSize(32)
                        .setNumLayers(2)
                        .setNumHeads(2)
                        .build();
        try (Model model = Model.newInstance("decoder")) {
            model.setBlock(new CausalLm(config, 1));
            try (DynamicTrainer trainer =
                    DynamicTrainer.builder()
                            .setModel(model)
                            .setTrainingConfig(
                                    new DefaultTrainingConfig(new CausalLmLoss())
                                            .optOptimizer(AdamW.builder().build()))
                            .setPool(CandidatePool.of(new Watched(tokens(size))))
                            .setSteps(2)
                            .setBatchSize(8)
                            .optSelectionBudget(1000)
                            .optSelector(
                                    LessSelector.builder().addSubtask("t", tokens(32)).build(),
                                    UpdateSchedule.once().afterWarmUp(1))
                            .build()) {
                trainer.fit();
            }
        }
    }

    private static SampleSet tokens(int size) {
        return ReferenceDecoder.tokens(VOCABULARY_SIZE, size, 8, 24);
    }

    /** Samples that tell how much memory is held each time some thousands of them were read. */
    private static final class Watched implements SampleSet {

        private final SampleSet samples;
        private final long start = System.nanoTime();
        private long read;

        Watched(SampleSet samples) {
            this.samples = samples;
        }

        @Override
        public long size() {
            return samples.size();
        }

        @Override
        public int length(long index) {
            return samples.length(index);
        }

        @Override
        public Batch batch(NDManager manager, SampleIndices indices)
                throws IOException, TranslateException {
            long before = read;
            read += indices.size();
            if (read / EVERY > before / EVERY) {
                System.out.printf(
                        Locale.ROOT,
                        "%,8d samples read, %5.0f s, %,5d MiB%n",
                        read,
                        (System.nanoTime() - start) / 1e9,
                        ResidentMemory.now().orElse(-1));
                System.out.flush();
            }
            return samples.batch(manager, indices);
        }

        @Override
        public String fingerprint() {
            return samples.fingerprint();
        }
    }
}
