package org.dataflex.testing;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import java.util.function.LongToDoubleFunction;
import java.util.function.Predicate;
import org.dataflex.data.Samples;
import org.dataflex.model.Alignment;
import org.dataflex.model.Direction;
import org.dataflex.model.GenerationOptions;
import org.dataflex.model.GradientQuery;
import org.dataflex.model.ModelOps;
import org.dataflex.model.Normalisation;
import org.dataflex.model.Pooling;
import org.dataflex.model.Preconditioner;
import org.dataflex.model.UnsupportedModelException;

/** Answers a strategy's questions from functions of the sample's position, and keeps count. */
public final class FakeModelOps implements ModelOps {

    private final LongToDoubleFunction lossOf;
    private final NDManager manager;
    private final LongFunction<float[]> embeddingOf;
    private final List<Samples> lossCalls = new ArrayList<>();
    private final List<Samples> embedCalls = new ArrayList<>();

    private FakeModelOps(
            LongToDoubleFunction lossOf, NDManager manager, LongFunction<float[]> embeddingOf) {
        this.lossOf = lossOf;
        this.manager = manager;
        this.embeddingOf = embeddingOf;
    }

    /**
     * Makes a model that knows losses only; it needs no engine.
     *
     * @param lossOf the loss of the sample at a position
     * @return the model
     */
    public static FakeModelOps withLosses(LongToDoubleFunction lossOf) {
        return new FakeModelOps(lossOf, null, null);
    }

    /**
     * Makes a model that knows embeddings only.
     *
     * @param manager the owner of the arrays that {@link #embed} returns
     * @param embeddingOf the embedding of the sample at a position, for every pooling
     * @return the model
     */
    public static FakeModelOps withEmbeddings(
            NDManager manager, LongFunction<float[]> embeddingOf) {
        return new FakeModelOps(null, manager, embeddingOf);
    }

    /**
     * Returns what losses were asked for.
     *
     * @return the samples of each call, in order
     */
    public List<Samples> lossCalls() {
        return List.copyOf(lossCalls);
    }

    /**
     * Returns what embeddings were asked for.
     *
     * @return the samples of each call, in order
     */
    public List<Samples> embedCalls() {
        return List.copyOf(embedCalls);
    }

    @Override
    public float[] losses(Samples samples) {
        if (lossOf == null) {
            throw new UnsupportedModelException("this fake has no losses");
        }
        lossCalls.add(samples);
        float[] losses = new float[samples.size()];
        for (int i = 0; i < losses.length; i++) {
            losses[i] = (float) lossOf.applyAsDouble(samples.indices().get(i));
        }
        return losses;
    }

    @Override
    public NDArray embed(Samples samples, Pooling pooling) {
        if (embeddingOf == null) {
            throw new UnsupportedModelException("this fake has no embeddings");
        }
        embedCalls.add(samples);
        List<float[]> rows = samples.indices().stream().mapToObj(embeddingOf).toList();
        int width = rows.get(0).length;
        float[] all = new float[rows.size() * width];
        for (int i = 0; i < rows.size(); i++) {
            System.arraycopy(rows.get(i), 0, all, i * width, width);
        }
        return manager.create(all, new Shape(rows.size(), width));
    }

    @Override
    public NDList infer(Samples samples) {
        throw new UnsupportedModelException("this fake has no outputs");
    }

    @Override
    public NDArray gradients(Samples samples, GradientQuery query) {
        throw new UnsupportedModelException("this fake has no gradients");
    }

    @Override
    public Direction meanGradient(
            Samples samples, Predicate<String> parameters, Normalisation normalisation) {
        throw new UnsupportedModelException("this fake has no gradients");
    }

    @Override
    public Alignment alignment(
            Samples samples, List<Direction> directions, Preconditioner preconditioner) {
        throw new UnsupportedModelException("this fake has no gradients");
    }

    @Override
    public List<int[]> generate(List<int[]> prompts, GenerationOptions options) {
        throw new UnsupportedModelException("this fake continues no texts");
    }
}
