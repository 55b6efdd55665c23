package org.dataflex.testing;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.LongToDoubleFunction;
import java.util.function.Predicate;
import org.dataflex.data.SampleSet;
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
import org.dataflex.model.WeightedSamples;

/** Answers a strategy's questions from functions of the sample's position, and keeps count. */
public final class FakeModelOps implements ModelOps {

    private final LongToDoubleFunction lossOf;
    private final NDManager manager;
    private final LongFunction<float[]> embeddingOf;
    private final BiFunction<SampleSet, Long, double[]> gradientOf;
    private final BiFunction<List<int[]>, GenerationOptions, List<int[]>> answersTo;
    private Function<Samples, double[][]> loadsOf;
    private final List<Samples> lossCalls = new ArrayList<>();
    private final List<Samples> embedCalls = new ArrayList<>();
    private final List<Samples> gradientCalls = new ArrayList<>();
    private final List<Preconditioner> preconditioners = new ArrayList<>();

    private FakeModelOps(
            LongToDoubleFunction lossOf,
            NDManager manager,
            LongFunction<float[]> embeddingOf,
            BiFunction<SampleSet, Long, double[]> gradientOf,
            BiFunction<List<int[]>, GenerationOptions, List<int[]>> answersTo) {
        this.lossOf = lossOf;
        this.manager = manager;
        this.embeddingOf = embeddingOf;
        this.gradientOf = gradientOf;
        this.answersTo = answersTo;
    }

    /**
     * Makes a model that knows losses only; it needs no engine.
     *
     * @param lossOf the loss of the sample at a position
     * @return the model
     */
    public static FakeModelOps withLosses(LongToDoubleFunction lossOf) {
        return new FakeModelOps(lossOf, null, null, null, null);
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
        return new FakeModelOps(null, manager, embeddingOf, null, null);
    }

    /**
     * Makes a model that knows gradients only.
     *
     * @param manager the owner of the arrays that {@link #gradients} returns; null if that is not
     *     asked, and then no engine is needed
     * @param gradientOf the gradient of a set's sample at a position. Preconditioners are noted and
     *     projections ignored: give what they would make
     * @return the model
     */
    public static FakeModelOps withGradients(
            NDManager manager, BiFunction<SampleSet, Long, double[]> gradientOf) {
        return new FakeModelOps(null, manager, null, gradientOf, null);
    }

    /**
     * Makes a model that knows expert loads only; it needs no engine.
     *
     * @param loadsOf the loads of samples, by layer and expert
     * @return the model
     */
    public static FakeModelOps withExpertLoads(Function<Samples, double[][]> loadsOf) {
        FakeModelOps model = new FakeModelOps(null, null, null, null, null);
        model.loadsOf = loadsOf;
        return model;
    }

    /**
     * Adds losses.
     *
     * @param newLossOf the loss of the sample at a position
     * @return a copy that has been asked nothing yet
     */
    public FakeModelOps andLosses(LongToDoubleFunction newLossOf) {
        return new FakeModelOps(newLossOf, manager, embeddingOf, gradientOf, answersTo);
    }

    /**
     * Adds embeddings.
     *
     * @param newManager the owner of the arrays that {@link #embed} returns
     * @param newEmbeddingOf the embedding of the sample at a position, for every pooling
     * @return a copy that has been asked nothing yet
     */
    public FakeModelOps andEmbeddings(NDManager newManager, LongFunction<float[]> newEmbeddingOf) {
        return new FakeModelOps(lossOf, newManager, newEmbeddingOf, gradientOf, answersTo);
    }

    /**
     * Adds answers.
     *
     * @param newAnswersTo continues prompts
     * @return a copy that has been asked nothing yet
     */
    public FakeModelOps andAnswers(
            BiFunction<List<int[]>, GenerationOptions, List<int[]>> newAnswersTo) {
        return new FakeModelOps(lossOf, manager, embeddingOf, gradientOf, newAnswersTo);
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
    public float[][] tokenLosses(Samples samples) {
        throw new UnsupportedModelException("this fake has no losses of tokens");
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

    /**
     * Returns what gradients were asked for, in any form.
     *
     * @return the samples of each call, in order
     */
    public List<Samples> gradientCalls() {
        return List.copyOf(gradientCalls);
    }

    /**
     * Returns the preconditioners that were asked for.
     *
     * @return that of each call that has one, in order
     */
    public List<Preconditioner> preconditioners() {
        return List.copyOf(preconditioners);
    }

    @Override
    public NDArray gradients(Samples samples, GradientQuery query) {
        double[][] rows = gradients(samples);
        preconditioners.add(query.preconditioner());
        float[] all = new float[rows.length * rows[0].length];
        for (int k = 0; k < all.length; k++) {
            all[k] = (float) rows[k / rows[0].length][k % rows[0].length];
        }
        return manager.create(all, new Shape(rows.length, rows[0].length));
    }

    @Override
    public Direction meanGradient(
            Samples samples, Predicate<String> parameters, Normalisation normalisation) {
        double[][] rows = gradients(samples);
        double[] mean = new double[rows[0].length];
        for (double[] row : rows) {
            double norm = normalisation == Normalisation.NONE ? 1 : Math.sqrt(dot(row, row));
            for (int k = 0; k < mean.length && norm > 0; k++) {
                mean[k] += row[k] / norm / rows.length;
            }
        }
        return new FakeDirection(mean);
    }

    @Override
    public Direction meanOfSums(
            List<WeightedSamples> groups,
            Predicate<String> parameters,
            Normalisation normalisation) {
        double[] mean = new double[0];
        for (WeightedSamples group : groups) {
            double[][] rows = gradients(group.samples());
            double[] sum = new double[rows[0].length];
            for (int i = 0; i < rows.length; i++) {
                for (int k = 0; k < sum.length; k++) {
                    sum[k] += group.weights()[i] * rows[i][k];
                }
            }
            mean = mean.length == 0 ? new double[sum.length] : mean;
            double norm = normalisation == Normalisation.NONE ? 1 : Math.sqrt(dot(sum, sum));
            for (int k = 0; k < mean.length && norm > 0; k++) {
                mean[k] += sum[k] / norm / groups.size();
            }
        }
        return new FakeDirection(mean);
    }

    @Override
    public double[] meanResultantLengths(
            List<Samples> groups, Predicate<String> parameters, Preconditioner preconditioner) {
        preconditioners.add(preconditioner);
        return groups.stream()
                .map(group -> meanGradient(group, parameters, Normalisation.UNIT))
                .mapToDouble(mean -> Math.sqrt(dot(values(mean), values(mean))))
                .toArray();
    }

    private static double[] values(Direction direction) {
        return ((FakeDirection) direction).values();
    }

    @Override
    public Alignment alignment(
            Samples samples, List<Direction> directions, Preconditioner preconditioner) {
        double[][] rows = gradients(samples);
        preconditioners.add(preconditioner);
        float[] norms = new float[rows.length];
        float[][] products = new float[rows.length][directions.size()];
        for (int i = 0; i < rows.length; i++) {
            norms[i] = (float) Math.sqrt(dot(rows[i], rows[i]));
            for (int s = 0; s < directions.size(); s++) {
                products[i][s] = (float) dot(rows[i], values(directions.get(s)));
            }
        }
        return new Alignment(norms, products);
    }

    @Override
    public List<int[]> generate(List<int[]> prompts, GenerationOptions options) {
        if (answersTo == null) {
            throw new UnsupportedModelException("this fake continues no texts");
        }
        return answersTo.apply(prompts, options);
    }

    @Override
    public double[][] expertLoads(Samples samples) {
        if (loadsOf == null) {
            throw new UnsupportedModelException("this fake has no experts");
        }
        return loadsOf.apply(samples);
    }

    private record FakeDirection(double[] values) implements Direction {}

    private double[][] gradients(Samples samples) {
        if (gradientOf == null) {
            throw new UnsupportedModelException("this fake has no gradients");
        }
        gradientCalls.add(samples);
        return samples.indices().stream()
                .mapToObj(i -> gradientOf.apply(samples.source(), i))
                .toArray(double[][]::new);
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int k = 0; k < a.length; k++) {
            sum += a[k] * b[k];
        }
        return sum;
    }
}
