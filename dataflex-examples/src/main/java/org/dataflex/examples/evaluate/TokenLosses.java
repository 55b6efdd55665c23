package org.dataflex.examples.evaluate;

import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.Batch;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.TokenSequences;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.torch.GraphRecording;

/**
 * The mean losses of samples under a model that is not trained.
 *
 * @param losses nats a target token, one for each sample
 * @param counts how many of each sample's tokens are predicted
 */
public record TokenLosses(float[] losses, int[] counts) {

    /** Logits that are held at once: 256 MB of them. */
    private static final long LOGITS = 1 << 26;

    /**
     * Runs the model over samples.
     *
     * @param model has a block that gives logits
     * @param vocabulary how many logits a token has
     * @param samples the samples
     * @return their losses, in their order
     */
    public static TokenLosses of(Model model, long vocabulary, TokenSequences samples) {
        float[] losses = new float[(int) samples.size()];
        int[] counts = new int[losses.length];
        List<Integer> byLength =
                IntStream.range(0, losses.length)
                        .boxed()
                        .sorted((a, b) -> Integer.compare(samples.length(a), samples.length(b)))
                        .toList();
        int from = 0;
        while (from < byLength.size()) {
            int to = from + 1;
            while (to < byLength.size()
                    && (to + 1L - from) * samples.length(byLength.get(to)) * vocabulary <= LOGITS) {
                to++;
            }
            long[] batch = byLength.subList(from, to).stream().mapToLong(i -> i).toArray();
            float[] found = GraphRecording.without(() -> losses(model, samples, batch));
            for (int i = 0; i < batch.length; i++) {
                losses[(int) batch[i]] = found[i];
                counts[(int) batch[i]] = numPredicted(samples.targets(batch[i]));
            }
            from = to;
        }
        return new TokenLosses(losses, counts);
    }

    private static float[] losses(Model model, TokenSequences samples, long[] positions) {
        Block block = model.getBlock();
        try (NDManager manager = model.getNDManager().newSubManager();
                Batch batch = samples.batch(manager, SampleIndices.of(positions))) {
            ParameterStore parameters = new ParameterStore(manager, false);
            NDList logits = block.forward(parameters, batch.getData(), false);
            logits.attach(manager);
            return new CausalLmLoss().perSample(batch.getLabels(), logits).toFloatArray();
        }
    }

    /** The first token is given. */
    private static int numPredicted(boolean[] targets) {
        return (int) IntStream.range(1, targets.length).filter(t -> targets[t]).count();
    }

    /**
     * Returns the perplexity.
     *
     * @return the exponential of the mean loss of all predicted tokens
     */
    public double perplexity() {
        double sum =
                IntStream.range(0, losses.length).mapToDouble(i -> losses[i] * counts[i]).sum();
        return Math.exp(sum / numTokens());
    }

    /**
     * Returns how many tokens are predicted.
     *
     * @return of all samples together
     */
    public long numTokens() {
        return LongStream.range(0, counts.length).map(i -> counts[(int) i]).sum();
    }
}
