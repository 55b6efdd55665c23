package org.dataflex.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.Batch;
import ai.djl.training.optimizer.Optimizer;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.dataflex.data.Samples;
import org.dataflex.loss.PerSampleLoss;
import org.dataflex.model.Alignment;
import org.dataflex.model.BoundedVocabulary;
import org.dataflex.model.GradientQuery;
import org.dataflex.model.Normalisation;
import org.dataflex.model.ParameterTrace;
import org.dataflex.model.Preconditioner;
import org.dataflex.model.TracedBlock;
import org.dataflex.model.WeightedSamples;
import org.dataflex.torch.GraphRecording;

/** The questions about gradients, by the pass that the block allows. */
final class ModelGradients {

    /** Logits of a batch: 64 MB, unless one sample has more. */
    private static final long LOGITS_OF_BATCH = 1 << 24;

    private final Block block;
    private final PerSampleLoss loss;
    private final Optimizer optimizer;
    private final NDManager scope;
    private final int batchSize;
    private final ParameterStore parameters;

    /**
     * Asks a block.
     *
     * @param block an initialized block
     * @param loss its loss
     * @param optimizer what updates it, or null if nothing does
     * @param scope owns what is returned
     * @param batchSize samples a pass, were they all of the longest length
     */
    ModelGradients(
            Block block, PerSampleLoss loss, Optimizer optimizer, NDManager scope, int batchSize) {
        this.block = block;
        this.loss = loss;
        this.optimizer = optimizer;
        this.scope = scope;
        this.batchSize = batchSize;
        this.parameters = new ParameterStore(scope, false);
    }

    /** See {@link org.dataflex.model.ModelOps#gradients}. */
    NDArray gradients(Samples samples, GradientQuery query) {
        AskedParameters asked = AskedParameters.of(block, query.parameters());
        try (NDManager call = scope.newSubManager()) {
            GradientTransform transform = transform(query.preconditioner(), asked, call);
            GradientMap map = GradientMap.of(query.projection(), asked);
            PerSampleGradients rows = new PerSampleGradients(map, samples.size(), scope);
            forEachBatch(
                    samples,
                    asked,
                    (places, gradients) ->
                            rows.add(places, new TransformedGradients(gradients, transform)));
            return GraphRecording.without(rows::finish);
        }
    }

    /** See {@link org.dataflex.model.ModelOps#meanGradient}. */
    ParameterDirection mean(
            Samples samples, Predicate<String> parameters, Normalisation normalisation) {
        AskedParameters asked = AskedParameters.of(block, parameters);
        MeanGradient mean = new MeanGradient(asked, normalisation, scope);
        forEachBatch(
                samples,
                asked,
                (places, gradients) -> mean.add(SampleReader.at(samples, places), gradients));
        return mean.finish();
    }

    /** See {@link org.dataflex.model.ModelOps#meanOfSums}. */
    ParameterDirection meanOfSums(
            List<WeightedSamples> groups,
            Predicate<String> parameters,
            Normalisation normalisation) {
        AskedParameters asked = AskedParameters.of(block, parameters);
        MeanOfSums mean = new MeanOfSums(asked, normalisation, scope);
        for (WeightedSamples group : groups) {
            try (NDManager call = scope.newSubManager()) {
                mean.add(sum(group, asked, call));
            }
        }
        return mean.finish();
    }

    private GradientSum sum(WeightedSamples group, AskedParameters asked, NDManager call) {
        GradientSum sum = new GradientSum(asked, call);
        float[] all = group.weights();
        int[] counted = IntStream.range(0, all.length).filter(i -> all[i] != 0).toArray();
        if (counted.length > 0) {
            Samples samples =
                    new Samples(
                            group.samples().source(), SampleReader.at(group.samples(), counted));
            forEachBatch(
                    samples,
                    asked,
                    (places, gradients) -> {
                        float[] weights = new float[places.length];
                        for (int i = 0; i < weights.length; i++) {
                            weights[i] = all[counted[places[i]]];
                        }
                        sum.add(gradients, weights);
                    });
        }
        return sum;
    }

    /** See {@link org.dataflex.model.ModelOps#meanResultantLengths}. */
    double[] meanResultantLengths(
            List<Samples> groups, Predicate<String> parameters, Preconditioner preconditioner) {
        AskedParameters asked = AskedParameters.of(block, parameters);
        try (NDManager call = scope.newSubManager()) {
            GradientTransform transform = transform(preconditioner, asked, call);
            return groups.stream().mapToDouble(g -> resultantLength(g, asked, transform)).toArray();
        }
    }

    private double resultantLength(
            Samples group, AskedParameters asked, GradientTransform transform) {
        if (group.size() == 0) {
            return Double.NaN;
        }
        try (NDManager call = scope.newSubManager()) {
            MeanGradient mean = new MeanGradient(asked, Normalisation.UNIT, call);
            forEachBatch(
                    group,
                    asked,
                    (places, gradients) ->
                            mean.add(
                                    SampleReader.at(group, places),
                                    new TransformedGradients(gradients, transform)));
            return mean.norm();
        }
    }

    /** See {@link org.dataflex.model.ModelOps#alignment}. */
    Alignment alignment(
            Samples samples, List<ParameterDirection> directions, Preconditioner preconditioner) {
        ParameterDirection first = directions.get(0);
        AskedParameters asked = AskedParameters.of(block, first.names()::contains);
        if (!first.covers(asked.named())) {
            throw new IllegalStateException(
                    "parameters were frozen since the directions were made; ask meanGradient anew");
        }
        try (NDManager call = scope.newSubManager()) {
            GradientTransform transform = transform(preconditioner, asked, call);
            GradientAlignment alignment =
                    new GradientAlignment(transform, asked, directions, samples.size(), call);
            forEachBatch(samples, asked, alignment::add);
            return alignment.finish();
        }
    }

    private GradientTransform transform(
            Preconditioner preconditioner, AskedParameters asked, NDManager call) {
        return preconditioner instanceof Preconditioner.Adam adam
                ? new AdamTransform(adam, optimizer, asked, call)
                : GradientTransform.NONE;
    }

    /** Hands on the gradients of all samples, batch by batch, with their places. */
    private void forEachBatch(
            Samples samples, AskedParameters asked, BiConsumer<int[], SampleGradients> use) {
        GradientPass pass = pass(asked);
        SampleReader reader = new SampleReader(scope);
        for (int[] places : pass.batches(samples)) {
            reader.read(
                    samples,
                    places,
                    batch -> {
                        pass.show(batch, gradients -> unrecorded(use, places, gradients));
                        return null;
                    });
        }
    }

    private static void unrecorded(
            BiConsumer<int[], SampleGradients> use, int[] places, SampleGradients gradients) {
        GraphRecording.without(
                () -> {
                    use.accept(places, gradients);
                    return null;
                });
    }

    /** Makes the pass that the block allows. */
    GradientPass pass(AskedParameters asked) {
        return block instanceof TracedBlock traced
                ? new TracedPass(asked, objective(traced), batchSize, mostTokens(asked))
                : new BackwardPass(block, asked, this::objective);
    }

    /** How many tokens a batch has at most, where all its logits exist at a time. */
    private long mostTokens(AskedParameters asked) {
        Device device = asked.array(0).getDevice();
        boolean isChunked =
                ChunkedHead.of(block, loss, parameters)
                        .filter(head -> head.hasTracedSum(device))
                        .isPresent();
        return block instanceof BoundedVocabulary known && !isChunked
                ? Math.max(1, LOGITS_OF_BATCH / known.vocabularySize())
                : Long.MAX_VALUE;
    }

    private BiFunction<Batch, ParameterTrace, NDArray> objective(TracedBlock traced) {
        return (batch, trace) ->
                ChunkedHead.of(block, loss, parameters)
                        .flatMap(head -> head.tracedSum(batch, trace))
                        .orElseGet(() -> lossSum(batch, traced, trace));
    }

    private NDArray lossSum(Batch batch, TracedBlock traced, ParameterTrace trace) {
        return BatchLosses.of(loss, batch, traced.forward(parameters, batch.getData(), trace))
                .sum();
    }

    private NDArray objective(Batch batch) {
        return BatchLosses.of(loss, batch, block.forward(parameters, batch.getData(), false, null))
                .sum();
    }
}
