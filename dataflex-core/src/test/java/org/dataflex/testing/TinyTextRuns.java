package org.dataflex.testing;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.tracker.Tracker;
import java.util.random.RandomGenerator;
import org.dataflex.DynamicTrainer;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.TokenSequences;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.DecoderConfig;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.math.Seeds;
import org.dataflex.optim.AdamW;

/** A decoder and texts of token ids, small enough for a test to run many of them. */
public final class TinyTextRuns {

    private static final int VOCABULARY_SIZE = 11;
    private static final int LONGEST = 8;

    private TinyTextRuns() {}

    /**
     * Makes a decoder of one layer, not initialized.
     *
     * @return the model; the caller closes it
     */
    public static Model model() {
        Model model = Model.newInstance("tiny");
        model.setDataType(DataType.FLOAT32);
        model.setBlock(
                new CausalLm(
                        DecoderConfig.builder()
                                .setVocabularySize(VOCABULARY_SIZE)
                                .setHiddenSize(8)
                                .setNumLayers(1)
                                .setNumHeads(2)
                                .optMaxPositions(LONGEST)
                                .build(),
                        5));
        return model;
    }

    /**
     * Makes texts of 2 to 8 tokens.
     *
     * @param seed of all of them
     * @return 12 texts
     */
    public static TokenSequences texts(long seed) {
        RandomGenerator random = Seeds.generator(seed);
        TokenSequences.Builder texts = TokenSequences.builder();
        for (int i = 0; i < 12; i++) {
            texts.add(random.ints(2 + random.nextInt(LONGEST - 1), 0, VOCABULARY_SIZE).toArray());
        }
        return texts.build();
    }

    /**
     * Makes a pool of two domains.
     *
     * @return the pool
     */
    public static CandidatePool pool() {
        return CandidatePool.builder().addDomain("a", texts(1)).addDomain("b", texts(2)).build();
    }

    /**
     * Starts a trainer of the model over {@link #pool}, 20 steps of 4 rows.
     *
     * @param model the model
     * @return a builder to go on with
     */
    public static DynamicTrainer.Builder trainer(Model model) {
        AdamW adamW = AdamW.builder().optLearningRateTracker(Tracker.fixed(0.01f)).build();
        return DynamicTrainer.builder()
                .setModel(model)
                .setTrainingConfig(
                        new DefaultTrainingConfig(CausalLmLoss.byToken())
                                .optOptimizer(adamW)
                                .addTrainingListeners(NoLeaks.cap()))
                .setPool(pool())
                .setSteps(20)
                .setBatchSize(4);
    }
}
