package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.ParameterList;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.PairList;
import java.util.Random;
import org.dataflex.model.ParameterTrace;
import org.dataflex.model.TracedBlock;
import org.dataflex.torch.Precision;
import org.dataflex.torch.TorchOps;

/**
 * A small language model with every kind of use: a table that is head too, a factor, a bias, layers
 * with and without one, a pair of low rank, and a parameter that nothing uses. Each token sees the
 * mean of those up to it.
 */
final class TracedNet extends AbstractBlock implements TracedBlock {

    private final int vocabularySize;
    private final Precision precision;
    private final Parameter table;
    private final Parameter gain;
    private final Parameter up;
    private final Parameter bias;
    private final Parameter lowA;
    private final Parameter lowB;
    private final Parameter down;
    private int tracedPasses;

    TracedNet(int vocabularySize, int size, int hidden, int rank, Precision precision) {
        this.vocabularySize = vocabularySize;
        this.precision = precision;
        table = parameter("table", vocabularySize, size);
        gain = parameter("gain", size);
        up = parameter("up", hidden, size);
        bias = parameter("bias", hidden);
        lowA = parameter("lowA", rank, size);
        lowB = parameter("lowB", hidden, rank);
        down = parameter("down", size, hidden);
        parameter("unused", 3);
    }

    /** How many forward passes told a trace. */
    int tracedPasses() {
        return tracedPasses;
    }

    private Parameter parameter(String name, long... shape) {
        Parameter parameter =
                Parameter.builder()
                        .setName(name)
                        .setType(Parameter.Type.OTHER)
                        .optInitializer(normal(name.hashCode(), Math.sqrt(shape[shape.length - 1])))
                        .optShape(new Shape(shape))
                        .build();
        return addParameter(parameter);
    }

    private static Initializer normal(long seed, double divisor) {
        return (manager, shape, type) -> {
            Random random = new Random(seed);
            float[] values = new float[(int) shape.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (random.nextGaussian() / divisor);
            }
            return manager.create(values, shape);
        };
    }

    @Override
    public NDList forward(ParameterStore parameters, NDList inputs, ParameterTrace trace) {
        tracedPasses++;
        return run(parameters, inputs, trace);
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameters,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        return run(parameters, inputs, new Unheard());
    }

    private NDList run(ParameterStore store, NDList inputs, ParameterTrace trace) {
        NDArray ids = inputs.get(0);
        NDArray e = value(store, table, ids);
        NDArray x = Embedding.embedding(ids, e, SparseFormat.DENSE).singletonOrThrow();
        trace.lookup(table, ids, x);
        NDArray seen = meanSoFar(x);
        NDArray unit = seen.div(seen.square().mean(new int[] {2}, true).sqrt());
        NDArray scaled = unit.mul(value(store, gain, ids));
        trace.scale(gain, unit, scaled);
        NDArray hidden = TorchOps.linear(scaled, value(store, up, ids), null, precision);
        trace.product(up, scaled, hidden, precision);
        NDArray moved = hidden.add(value(store, bias, ids));
        trace.sum(bias, moved);
        NDArray low = product(store, trace, lowA, scaled);
        NDArray active = moved.add(product(store, trace, lowB, low)).tanh();
        NDArray y = scaled.add(product(store, trace, down, active));
        return new NDList(product(store, trace, table, y));
    }

    private static NDArray meanSoFar(NDArray x) {
        int tokens = (int) x.getShape().get(1);
        float[] shares = new float[tokens];
        for (int t = 0; t < tokens; t++) {
            shares[t] = 1f / (1 + t);
        }
        return x.cumSum(1).mul(x.getManager().create(shares, new Shape(tokens, 1)));
    }

    private static NDArray product(
            ParameterStore store, ParameterTrace trace, Parameter weight, NDArray x) {
        NDArray y = Linear.linear(x, value(store, weight, x), null).singletonOrThrow();
        trace.product(weight, x, y, Precision.FLOAT32);
        return y;
    }

    private static NDArray value(ParameterStore store, Parameter parameter, NDArray like) {
        return store.getValue(parameter, like.getDevice(), false);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {inputShapes[0].add(vocabularySize)};
    }

    /** Shows a block without telling that it is a {@link TracedBlock}. */
    static Block untraced(Block block) {
        return new Untraced(block);
    }

    private static final class Untraced extends AbstractBlock {

        private final Block block;

        Untraced(Block block) {
            this.block = block;
        }

        @Override
        protected NDList forwardInternal(
                ParameterStore parameters,
                NDList inputs,
                boolean training,
                PairList<String, Object> params) {
            return block.forward(parameters, inputs, training, params);
        }

        @Override
        public ParameterList getParameters() {
            return block.getParameters();
        }

        @Override
        public Shape[] getOutputShapes(Shape[] inputShapes) {
            return block.getOutputShapes(inputShapes);
        }

        @Override
        public void initialize(NDManager manager, DataType type, Shape... inputShapes) {
            block.initialize(manager, type, inputShapes);
        }
    }

    private static final class Unheard implements ParameterTrace {

        @Override
        public void product(Parameter w, NDArray input, NDArray output, Precision precision) {}

        @Override
        public void sum(Parameter bias, NDArray output) {}

        @Override
        public void scale(Parameter weight, NDArray input, NDArray output) {}

        @Override
        public void lookup(Parameter table, NDArray ids, NDArray output) {}
    }
}
