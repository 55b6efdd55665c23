package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.dataset.Batch;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.dataflex.data.Samples;
import org.dataflex.torch.InPlace;

/**
 * Gradients of any block: a backward pass a sample, which leaves the parameters' own gradients at
 * zero. The oracle that {@link TracedPass} is tested against.
 */
final class BackwardPass implements GradientPass {

    private final List<Parameter> trainable;
    private final AskedParameters asked;
    private final Function<Batch, NDArray> objective;

    /**
     * Looks at some parameters of a block.
     *
     * @param block the block
     * @param asked those of its parameters
     * @param objective makes the sum of a batch's losses, recorded
     */
    BackwardPass(Block block, AskedParameters asked, Function<Batch, NDArray> objective) {
        this.trainable =
                block.getParameters().values().stream()
                        .filter(Parameter::requiresGradient)
                        .toList();
        this.asked = asked;
        this.objective = objective;
    }

    @Override
    public List<int[]> batches(Samples samples) {
        return IntStream.range(0, samples.size()).mapToObj(i -> new int[] {i}).toList();
    }

    @Override
    public void show(Batch batch, Consumer<SampleGradients> use) {
        try (NDManager sample = batch.getManager().newSubManager()) {
            try (GradientCollector collector = sample.getEngine().newGradientCollector()) {
                collector.backward(objective.apply(batch));
            }
            NDList gradients = new NDList();
            for (int p = 0; p < asked.count(); p++) {
                NDArray gradient = asked.array(p).getGradient();
                gradient.attach(sample);
                gradients.add(gradient.toType(DataType.FLOAT32, false));
            }
            use.accept(new OneSample(gradients));
        } finally {
            trainable.forEach(BackwardPass::zeroGradient);
        }
    }

    private static void zeroGradient(Parameter parameter) {
        try (NDArray gradient = parameter.getArray().getGradient()) {
            InPlace.zero(gradient);
        }
    }

    /** The gradient of a batch of one sample. */
    private record OneSample(NDList gradients) implements SampleGradients {

        @Override
        public int size() {
            return 1;
        }

        @Override
        public int parameters() {
            return gradients.size();
        }

        @Override
        public long size(int parameter) {
            return gradients.get(parameter).size();
        }

        @Override
        public NDArray rows(int parameter, int from, int to) {
            return gradients.get(parameter).reshape(1, -1);
        }

        @Override
        public NDArray sum(int parameter, float[] weights) {
            try (NDArray flat = gradients.get(parameter).flatten()) {
                return flat.mul(weights[0]);
            }
        }
    }
}
