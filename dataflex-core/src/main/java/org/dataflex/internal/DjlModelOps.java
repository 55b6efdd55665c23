package org.dataflex.internal;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.Batch;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Function;
import java.util.function.ObjLongConsumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.SampleSet;
import org.dataflex.data.Samples;
import org.dataflex.loss.PerSampleLoss;
import org.dataflex.model.Alignment;
import org.dataflex.model.Direction;
import org.dataflex.model.GradientQuery;
import org.dataflex.model.HiddenStates;
import org.dataflex.model.ModelOps;
import org.dataflex.model.Normalisation;
import org.dataflex.model.Pooling;
import org.dataflex.model.Preconditioner;
import org.dataflex.model.UnsupportedModelException;

/**
 * Answers for any DJL block, by DJL's own operators: batches of a fixed size, gradients one sample
 * at a time. The oracle that faster paths are tested against.
 */
final class DjlModelOps implements ModelOps {

    private final Block block;
    private final PerSampleLoss loss;
    private final Optimizer optimizer;
    private final NDManager scope;
    private final int batchSize;
    private final ParameterStore parameters;

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
     * @param batchSize samples a forward pass
     */
    DjlModelOps(
            Model model, PerSampleLoss loss, Optimizer optimizer, NDManager scope, int batchSize) {
        this.block = model.getBlock();
        this.loss = loss;
        this.optimizer = optimizer;
        this.scope = scope;
        this.batchSize = batchSize;
        this.parameters = new ParameterStore(scope, false);
    }

    @Override
    public NDList infer(Samples samples) {
        NDList joined = new NDList();
        NDList[] outputs =
                samples.chunks(batchSize).stream()
                        .map(chunk -> keep(chunk, batch -> forward(batch.getData())))
                        .toArray(NDList[]::new);
        for (int i = 0; outputs.length > 0 && i < outputs[0].size(); i++) {
            joined.add(join(outputs, i));
        }
        return joined;
    }

    @Override
    public float[] losses(Samples samples) {
        float[] losses = new float[samples.size()];
        int done = 0;
        for (Samples chunk : samples.chunks(batchSize)) {
            float[] some =
                    read(
                            chunk,
                            batch -> lossPerSample(batch, forward(batch.getData())).toFloatArray());
            System.arraycopy(some, 0, losses, done, some.length);
            done += some.length;
        }
        return losses;
    }

    @Override
    public NDArray embed(Samples samples, Pooling pooling) {
        if (!(block instanceof HiddenStates states)) {
            throw new UnsupportedModelException(
                    block.getClass().getSimpleName()
                            + " exposes no hidden states to embed samples by; implement "
                            + HiddenStates.class.getName());
        }
        NDList[] rows =
                samples.chunks(batchSize).stream()
                        .map(
                                chunk ->
                                        keep(
                                                chunk,
                                                batch -> new NDList(pool(states, batch, pooling))))
                        .toArray(NDList[]::new);
        return join(rows, 0);
    }

    @Override
    public NDArray gradients(Samples samples, GradientQuery query) {
        GradientPass pass = new GradientPass(block, query.parameters(), scope);
        PerSampleGradients gradients =
                new PerSampleGradients(
                        pass, transform(query.preconditioner(), pass), query.projection());
        forEachLoss(samples, (loss, sample) -> gradients.add(loss));
        return gradients.finish();
    }

    @Override
    public Direction meanGradient(
            Samples samples, Predicate<String> parameters, Normalisation normalisation) {
        if (samples.size() == 0) {
            throw new IllegalArgumentException("no samples to average the gradients of");
        }
        MeanGradient mean =
                new MeanGradient(new GradientPass(block, parameters, scope), normalisation);
        forEachLoss(samples, mean::add);
        return mean.finish();
    }

    @Override
    public Alignment alignment(
            Samples samples, List<Direction> directions, Preconditioner preconditioner) {
        List<ParameterDirection> own = ParameterDirection.of(directions, block);
        GradientPass pass = new GradientPass(block, own.get(0).names()::contains, scope);
        if (!own.get(0).covers(pass.parameters())) {
            throw new IllegalStateException(
                    "parameters were frozen since the directions were made; ask meanGradient anew");
        }
        GradientAlignment alignment =
                new GradientAlignment(pass, transform(preconditioner, pass), own);
        forEachLoss(samples, (loss, sample) -> alignment.add(loss));
        return alignment.finish();
    }

    private GradientTransform transform(Preconditioner preconditioner, GradientPass pass) {
        return preconditioner instanceof Preconditioner.Adam adam
                ? new AdamTransform(adam, optimizer, pass.parameters())
                : GradientTransform.NONE;
    }

    /** Hands on what computes each sample's loss, within a gradient collector, and its position. */
    private void forEachLoss(Samples samples, ObjLongConsumer<Supplier<NDArray>> use) {
        for (Samples one : samples.chunks(1)) {
            read(
                    one,
                    batch -> {
                        use.accept(
                                () -> lossPerSample(batch, forward(batch.getData())).sum(),
                                one.indices().get(0));
                        return null;
                    });
        }
    }

    private NDList forward(NDList data) {
        return block.forward(parameters, data, false, null);
    }

    private NDArray lossPerSample(Batch batch, NDList predictions) {
        return BatchLosses.of(loss, batch, predictions);
    }

    private NDArray pool(HiddenStates states, Batch batch, Pooling pooling) {
        NDArray hidden = states.hiddenStates(parameters, batch.getData(), false);
        return TokenPooling.pool(hidden, states.tokenMask(batch.getData()), pooling);
    }

    /** Lets a function see a batch; what it returns must hold no native memory. */
    private <T> T read(Samples samples, Function<Batch, T> use) {
        try (Batch batch = open(samples.source(), samples.indices())) {
            return use.apply(batch);
        }
    }

    /** Keeps the arrays that a function makes of a batch; everything else of it is freed. */
    private NDList keep(Samples samples, Function<Batch, NDList> use) {
        return read(
                samples,
                batch -> {
                    NDList result = use.apply(batch);
                    result.attach(scope);
                    return result;
                });
    }

    private Batch open(SampleSet source, SampleIndices indices) {
        try {
            return source.batch(scope, indices);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (TranslateException e) {
            throw new UncheckedIOException(new IOException(e));
        }
    }

    private NDArray join(NDList[] parts, int array) {
        if (parts.length == 1) {
            return parts[0].get(array);
        }
        NDList pieces = new NDList();
        for (NDList part : parts) {
            pieces.add(part.get(array));
        }
        NDArray joined = NDArrays.concat(pieces);
        joined.attach(scope);
        pieces.close();
        return joined;
    }
}
