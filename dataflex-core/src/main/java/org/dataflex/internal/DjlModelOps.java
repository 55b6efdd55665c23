package org.dataflex.internal;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.Batch;
import ai.djl.training.optimizer.Optimizer;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.dataflex.data.Samples;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.loss.PerSampleLoss;
import org.dataflex.model.Alignment;
import org.dataflex.model.Direction;
import org.dataflex.model.GenerationOptions;
import org.dataflex.model.GenerativeBlock;
import org.dataflex.model.GradientQuery;
import org.dataflex.model.HiddenStates;
import org.dataflex.model.ModelOps;
import org.dataflex.model.Normalisation;
import org.dataflex.model.Pooling;
import org.dataflex.model.Preconditioner;
import org.dataflex.model.RoutedBlock;
import org.dataflex.model.UnsupportedModelException;
import org.dataflex.model.WeightedSamples;
import org.dataflex.torch.GraphRecording;

/**
 * Answers for any DJL block, by DJL's own operators; faster where the block offers more.
 *
 * <p>Losses, embeddings and gradients are computed shorter samples first, in batches of a {@link
 * TokenBudget}, and answered in the order asked. Nothing is recorded for backward but where
 * gradients are asked for.
 */
final class DjlModelOps implements ModelOps {

    private final Block block;
    private final PerSampleLoss loss;
    private final NDManager scope;
    private final int batchSize;
    private final ParameterStore parameters;
    private final SampleReader reader;
    private final ModelGradients gradients;

    /**
     * Asks a model that no optimizer updates.
     *
     * @param model an initialized model
     * @param loss its loss
     * @param scope owns the arrays that are returned
     * @param batchSize samples a forward pass
     */
    DjlModelOps(Model model, PerSampleLoss loss, NDManager scope, int batchSize) {
        this(model, loss, null, scope, batchSize);
    }

    /**
     * Asks a model.
     *
     * @param model an initialized model
     * @param loss its loss
     * @param optimizer what updates it, or null if nothing does
     * @param scope owns the arrays that are returned
     * @param batchSize samples a forward pass; more if they are shorter than the longest
     */
    DjlModelOps(
            Model model, PerSampleLoss loss, Optimizer optimizer, NDManager scope, int batchSize) {
        this.block = model.getBlock();
        this.loss = loss;
        this.scope = scope;
        this.batchSize = batchSize;
        this.parameters = new ParameterStore(scope, false);
        this.reader = new SampleReader(scope);
        this.gradients = new ModelGradients(block, loss, optimizer, scope, batchSize);
    }

    @Override
    public NDList infer(Samples samples) {
        NDList joined = new NDList();
        NDList[] outputs =
                samples.chunks(batchSize).stream()
                        .map(chunk -> reader.read(chunk, batch -> keep(forward(batch.getData()))))
                        .toArray(NDList[]::new);
        for (int i = 0; outputs.length > 0 && i < outputs[0].size(); i++) {
            joined.add(join(outputs, i));
        }
        return joined;
    }

    @Override
    public float[] losses(Samples samples) {
        float[] losses = new float[samples.size()];
        for (int[] places : TokenBudget.batches(samples, batchSize)) {
            float[] some = reader.read(samples, places, this::lossPerSample);
            for (int i = 0; i < places.length; i++) {
                losses[places[i]] = some[i];
            }
        }
        return losses;
    }

    @Override
    public float[][] tokenLosses(Samples samples) {
        if (!(loss instanceof CausalLmLoss causal)) {
            throw new UnsupportedModelException(ShownBatch.noTokenForm(loss.getName()));
        }
        float[][] losses = new float[samples.size()][];
        for (int[] places : TokenBudget.batches(samples, batchSize)) {
            float[][] some =
                    reader.read(samples, places, batch -> lossPerToken(causal, batch).losses());
            for (int i = 0; i < places.length; i++) {
                losses[places[i]] = some[i];
            }
        }
        return losses;
    }

    @Override
    public NDArray embed(Samples samples, Pooling pooling) {
        if (!(block instanceof HiddenStates states)) {
            throw new UnsupportedModelException(noHiddenStates(block));
        }
        if (samples.size() == 0) {
            throw new IllegalArgumentException("no samples to embed");
        }
        List<int[]> batches = TokenBudget.batches(samples, batchSize);
        NDList[] rows =
                batches.stream()
                        .map(
                                places ->
                                        reader.read(
                                                samples,
                                                places,
                                                batch -> keep(pool(states, batch, pooling))))
                        .toArray(NDList[]::new);
        return inOrder(join(rows, 0), batches);
    }

    @Override
    public NDArray gradients(Samples samples, GradientQuery query) {
        return gradients.gradients(samples, query);
    }

    @Override
    public Direction meanGradient(
            Samples samples, Predicate<String> parameters, Normalisation normalisation) {
        if (samples.size() == 0) {
            throw new IllegalArgumentException("no samples to average the gradients of");
        }
        return gradients.mean(samples, parameters, normalisation);
    }

    @Override
    public Direction meanOfSums(
            List<WeightedSamples> groups,
            Predicate<String> parameters,
            Normalisation normalisation) {
        if (groups.isEmpty()) {
            throw new IllegalArgumentException("no groups of samples to average the gradients of");
        }
        return gradients.meanOfSums(groups, parameters, normalisation);
    }

    @Override
    public double[] meanResultantLengths(
            List<Samples> groups, Predicate<String> parameters, Preconditioner preconditioner) {
        return gradients.meanResultantLengths(groups, parameters, preconditioner);
    }

    @Override
    public Alignment alignment(
            Samples samples, List<Direction> directions, Preconditioner preconditioner) {
        List<ParameterDirection> own = ParameterDirection.of(directions, block);
        return gradients.alignment(samples, own, preconditioner);
    }

    @Override
    public List<int[]> generate(List<int[]> prompts, GenerationOptions options) {
        if (block instanceof GenerativeBlock generative) {
            return generative.generate(parameters, scope, prompts, options);
        }
        throw new UnsupportedModelException(noGeneration(block));
    }

    @Override
    public double[][] expertLoads(Samples samples) {
        if (!(block instanceof RoutedBlock routed)) {
            throw new UnsupportedModelException(noExperts(block));
        }
        double[][] loads = new double[0][];
        for (int[] places : TokenBudget.batches(samples, batchSize)) {
            double[][] some = reader.read(samples, places, batch -> loads(routed, batch));
            loads = loads.length == 0 ? some : sum(loads, some);
        }
        return loads;
    }

    /** Says what is wrong with a block. */
    static String noHiddenStates(Block block) {
        return block.getClass().getSimpleName()
                + " exposes no hidden states to embed samples by; implement "
                + HiddenStates.class.getName();
    }

    /** Says what is wrong with a block. */
    static String noGeneration(Block block) {
        return block.getClass().getSimpleName()
                + " continues no texts; implement "
                + GenerativeBlock.class.getName();
    }

    /** Says what is wrong with a block. */
    static String noExperts(Block block) {
        return block.getClass().getSimpleName()
                + " has no experts whose loads could be counted; "
                + (block instanceof RoutedBlock
                        ? "take a mixture of experts"
                        : "implement " + RoutedBlock.class.getName());
    }

    private double[][] loads(RoutedBlock routed, Batch batch) {
        return GraphRecording.without(() -> routed.expertLoads(parameters, batch.getData()));
    }

    private static double[][] sum(double[][] loads, double[][] more) {
        for (int layer = 0; layer < loads.length; layer++) {
            for (int e = 0; e < loads[layer].length; e++) {
                loads[layer][e] += more[layer][e];
            }
        }
        return loads;
    }

    private NDList forward(NDList data) {
        return GraphRecording.without(() -> block.forward(parameters, data, false, null));
    }

    private float[] lossPerSample(Batch batch) {
        return BatchLosses.inferred(block, parameters, loss, batch).toFloatArray();
    }

    private TokenTable lossPerToken(CausalLmLoss causal, Batch batch) {
        return TokenTable.read(BatchLosses.inferredTokens(block, parameters, causal, batch));
    }

    private NDList pool(HiddenStates states, Batch batch, Pooling pooling) {
        return GraphRecording.without(
                () -> {
                    NDArray hidden = states.hiddenStates(parameters, batch.getData(), false);
                    NDArray mask = states.tokenMask(batch.getData());
                    return new NDList(TokenPooling.pool(hidden, mask, pooling));
                });
    }

    /** Saves arrays from being freed with their batch. */
    private NDList keep(NDList arrays) {
        arrays.attach(scope);
        return arrays;
    }

    private NDArray join(NDList[] parts, int array) {
        if (parts.length == 1) {
            return parts[0].get(array);
        }
        NDList pieces = new NDList();
        for (NDList part : parts) {
            requireAlike(parts[0].get(array), part.get(array));
            pieces.add(part.get(array));
        }
        NDArray joined = NDArrays.concat(pieces);
        joined.attach(scope);
        pieces.close();
        return joined;
    }

    private static void requireAlike(NDArray first, NDArray other) {
        Shape expected = first.getShape().slice(1);
        Shape actual = other.getShape().slice(1);
        if (!expected.equals(actual)) {
            throw new IllegalArgumentException(
                    "outputs of shape "
                            + expected
                            + " and "
                            + actual
                            + " a sample do not fit into one array; infer samples of equal lengths"
                            + " together, by Samples.chunks");
        }
    }

    /** Puts the rows of batches where they were asked for. */
    private NDArray inOrder(NDArray rows, List<int[]> batches) {
        int[] places = batches.stream().flatMapToInt(Arrays::stream).toArray();
        long[] rowOf = new long[places.length];
        for (int i = 0; i < places.length; i++) {
            rowOf[places[i]] = i;
        }
        try (rows;
                NDArray order = scope.create(rowOf)) {
            return rows.get(order);
        }
    }
}
