package org.dataflex.examples.bench;

import ai.djl.Model;
import ai.djl.training.DefaultTrainingConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.dataflex.DynamicTrainer;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.TokenSequences;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.DecoderConfig;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.math.Quantiles;
import org.dataflex.math.Seeds;
import org.dataflex.optim.AdamW;
import org.dataflex.torch.Precision;

/**
 * How long a full training step of a 5.8 M parameter decoder takes, 8 x 256 tokens, in float32 and
 * with bfloat16 products; optimizer included.
 *
 * <p>6 layers of 256 features, 8 heads, 688 in the MLP, 4,096 tokens, a tied head.
 */
public final class TrainingStep {

    private static final int STEPS = 10;
    private static final int WARM_UP_STEPS = 3;
    private static final int ROUNDS = 3;

    private TrainingStep() {}

    /**
     * Prints one line a precision.
     *
     * @param arguments none
     * @throws Exception if training fails
     */
    public static void main(String[] arguments) throws Exception {
        List<List<Double>> millis = List.of(new ArrayList<>(), new ArrayList<>());
        for (int round = 0; round < ROUNDS; round++) {
            for (Precision precision : Precision.values()) {
                train(precision, millis.get(precision.ordinal()));
            }
        }
        double float32 = median(millis.get(0));
        for (Precision precision : Precision.values()) {
            double step = median(millis.get(precision.ordinal()));
            System.out.printf(
                    Locale.ROOT,
                    "%-9s %7.1f ms a step, x %.2f of float32%n",
                    precision,
                    step,
                    step / float32);
        }
    }

    private static void train(Precision precision, List<Double> millis) throws Exception {
        CausalLm decoder =
                new CausalLm(
                        DecoderConfig.builder()
                                .setVocabularySize(4096)
                                .setHiddenSize(256)
                                .setNumLayers(6)
                                .setNumHeads(8)
                                .optIntermediateSize(688)
                                .optMaxPositions(512)
                                .optTieWordEmbeddings(true)
                                .build(),
                        1);
        decoder.setPrecision(precision);
        try (Model model = Model.newInstance("decoder")) {
            model.setBlock(decoder);
            try (DynamicTrainer trainer =
                    DynamicTrainer.builder()
                            .setModel(model)
                            .setTrainingConfig(
                                    new DefaultTrainingConfig(new CausalLmLoss())
                                            .optOptimizer(AdamW.builder().build()))
                            .setPool(CandidatePool.of(randomTokens()))
                            .setSteps(STEPS)
                            .setBatchSize(8)
                            .on(
                                    StepCompleted.class,
                                    e -> {
                                        if (e.step() > WARM_UP_STEPS) {
                                            millis.add(e.elapsed().toNanos() / 1e6);
                                        }
                                    })
                            .build()) {
                trainer.fit();
            }
        }
    }

    private static TokenSequences randomTokens() {
        RandomGenerator random = Seeds.generator(1);
        TokenSequences.Builder sequences = TokenSequences.builder();
        for (int i = 0; i < 8 * STEPS; i++) {
            sequences.add(random.ints(256, 0, 4096).toArray());
        }
        return sequences.build();
    }

    private static double median(List<Double> values) {
        return Quantiles.of(values.stream().mapToDouble(v -> v).toArray(), 0.5)[0];
    }
}
