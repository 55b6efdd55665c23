package org.dataflex.selectors.reward;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.Batch;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.dataflex.data.Samples;
import org.dataflex.data.TokenSequences;
import org.dataflex.math.Sha256;
import org.dataflex.torch.GraphRecording;

/**
 * What a classifier makes of prompt and answer, a number from 0 to 1: the sigmoid of its one logit,
 * or the softmax probability of the last of several.
 *
 * <p>As DataFlex has it. The block takes token ids, int64 [B, T], padded on the right with 0, and
 * an attention mask, float32 [B, T], and answers logits [B, K]; it runs in inference mode. Answers
 * share batches in their order.
 */
public final class RewardModel implements Reward {

    private final Model model;
    private final Function<Answer, int[]> encoder;
    private final int batchSize;
    private String digest;

    /**
     * Rates by a model.
     *
     * @param model an initialized model, which the caller closes after the last run
     * @param encoder makes token ids of prompt and answer, at least one, as the model was trained
     * @param batchSize answers a forward pass, at least 1
     * @throws IllegalArgumentException if the batch size is out of range
     */
    public RewardModel(Model model, Function<Answer, int[]> encoder, int batchSize) {
        this.model = Objects.requireNonNull(model, "model");
        this.encoder = Objects.requireNonNull(encoder, "encoder");
        if (batchSize < 1) {
            throw new IllegalArgumentException("batchSize = " + batchSize + ", must be at least 1");
        }
        this.batchSize = batchSize;
    }

    @Override
    public double of(Answer answer) {
        return ofAll(List.of(answer))[0];
    }

    /**
     * Rates answers in batches.
     *
     * @throws IllegalStateException if the model's output is not [B, K], or not finite
     */
    @Override
    public double[] ofAll(List<Answer> answers) {
        double[] rewards = new double[answers.size()];
        for (int from = 0; from < rewards.length; from += batchSize) {
            List<Answer> some = answers.subList(from, Math.min(rewards.length, from + batchSize));
            float[][] logits = logits(some);
            for (int i = 0; i < logits.length; i++) {
                rewards[from + i] = reward(logits[i]);
            }
        }
        return rewards;
    }

    @Override
    public int batchSize() {
        return batchSize;
    }

    private float[][] logits(List<Answer> answers) {
        TokenSequences.Builder tokens = TokenSequences.builder();
        answers.forEach(answer -> tokens.add(encoder.apply(answer)));
        try (NDManager scope = model.getNDManager().newSubManager();
                TokenSequences sequences = tokens.build();
                Batch batch = sequences.batch(scope, Samples.all(sequences).indices())) {
            NDArray output =
                    GraphRecording.without(
                            () ->
                                    model.getBlock()
                                            .forward(
                                                    new ParameterStore(scope, false),
                                                    batch.getData(),
                                                    false)
                                            .head()
                                            .toType(DataType.FLOAT32, true));
            output.attach(scope);
            Shape shape = output.getShape();
            if (shape.dimension() != 2 || shape.get(0) != answers.size() || shape.get(1) < 1) {
                throw new IllegalStateException(
                        "the reward model's output is "
                                + shape
                                + " for "
                                + answers.size()
                                + " answers, must be logits [B, K]");
            }
            float[] flat = output.toFloatArray();
            int classes = flat.length / answers.size();
            float[][] rows = new float[answers.size()][];
            Arrays.setAll(rows, i -> Arrays.copyOfRange(flat, i * classes, (i + 1) * classes));
            return rows;
        }
    }

    /** The reward of logits [K]. */
    static double reward(float[] logits) {
        double last = logits[logits.length - 1];
        double others = logits.length == 1 ? Math.exp(-last) : 0;
        for (int k = 0; k < logits.length - 1; k++) {
            others += Math.exp(logits[k] - last);
        }
        double reward = 1 / (1 + others);
        if (Double.isNaN(reward)) {
            throw new IllegalStateException(
                    "the reward model's logits are "
                            + Arrays.toString(logits)
                            + ", must be finite");
        }
        return reward;
    }

    /**
     * Describes the model by its name and the digest of its parameters, made at the first call.
     *
     * @return the description
     */
    @Override
    public String description() {
        if (digest == null) {
            digest = digest(model.getBlock());
        }
        return "model " + model.getName() + " " + digest;
    }

    private static String digest(Block block) {
        Sha256 digest = new Sha256();
        for (Parameter parameter : block.getParameters().values()) {
            NDArray values = parameter.getArray();
            digest.update((values.getDataType() + " " + values.getShape()).getBytes(UTF_8));
            digest.update(values.toByteBuffer());
        }
        return digest.hex();
    }
}
