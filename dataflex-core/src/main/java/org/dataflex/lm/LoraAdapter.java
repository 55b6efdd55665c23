package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.norm.Dropout;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.PairList;
import org.dataflex.torch.BackwardOps;
import org.dataflex.torch.GraphRecording;
import org.dataflex.torch.Precision;
import org.dataflex.torch.TorchOps;

/** Adds to a linear layer's output y what {@link Lora} trains: y + scale * B A dropout(x). */
final class LoraAdapter extends AbstractBlock {

    private final Parameter down;
    private final Parameter up;
    private final LoraConfig config;
    private final int outputs;

    /**
     * Makes the adapter.
     *
     * @param path the layer's, what comes before {@code .lora_A.weight} in the parameters' names
     * @param weight the shape of the layer's matrix
     * @param config the settings
     * @param seed what the values of A follow from
     */
    LoraAdapter(String path, Shape weight, LoraConfig config, long seed) {
        this.config = config;
        outputs = Math.toIntExact(weight.get(0));
        long inputs = weight.get(1);
        down = addMatrix(path + ".lora_A.weight", config.rank(), inputs);
        up = addMatrix(path + ".lora_B.weight", outputs, config.rank());
        // PEFT draws A by kaiming_uniform(a = sqrt(5)), which is this bound
        down.setInitializer(new SeededUniform(1 / Math.sqrt(inputs), seed));
        up.setInitializer(Initializer.ZEROS);
    }

    LoraConfig config() {
        return config;
    }

    private Parameter addMatrix(String name, long rows, long columns) {
        return addParameter(
                Parameter.builder()
                        .setName(name)
                        .setType(Parameter.Type.WEIGHT)
                        .optShape(new Shape(rows, columns))
                        .build());
    }

    /** As DJL asks: the layer's input and its output. */
    @Override
    protected NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        DecoderPass pass = new DecoderPass(store, training, new NDList(), null);
        NDArray y = inputs.get(1).duplicate(); // the caller's
        NDArray sum = plus(pass, inputs.get(0), y, Precision.FLOAT32, Precision.FLOAT32);
        return new NDList(sum);
    }

    /**
     * Adds scale * B A dropout(x) to a layer's output.
     *
     * @param y what the layer makes of x, [..., outputs]
     * @param precision the type in which the layer multiplies
     * @param result the type of y, where that is not of more bits
     */
    NDArray plus(DecoderPass pass, NDArray x, NDArray y, Precision precision, Precision result) {
        NDArray in =
                drops(pass) ? Dropout.dropout(x, config.dropout(), true).singletonOrThrow() : x;
        NDList a = new NDList(down(pass, in));
        NDArray low = LinearLayer.products(pass, in, a, new NDList(), precision, result).head();
        tell(pass, in, low, precision);
        return widened(pass, low, y, result);
    }

    /** Returns A, [r, inputs]. */
    NDArray down(DecoderPass pass, NDArray x) {
        return pass.value(down, x);
    }

    /** Tells of low = A x. */
    void tell(DecoderPass pass, NDArray x, NDArray low, Precision precision) {
        pass.tellProduct(down, x, low, precision);
    }

    /** Makes y + scale * B low of what A made, [..., r], multiplying in y's type. */
    NDArray widened(DecoderPass pass, NDArray low, NDArray y, Precision result) {
        NDArray b = pass.value(up, low);
        NDArray scale =
                low.getManager().full(new Shape(), (float) config.scale(), DataType.FLOAT32);
        NDArray scaled =
                pass.operation(
                        new NDList(low), xs -> xs.head().mul(scale), d -> new NDList(d.mul(scale)));
        NDArray sum =
                pass.operation(
                        new NDList(y, scaled),
                        xs -> added(xs.get(0), xs.get(1), b),
                        d ->
                                new NDList(
                                        d,
                                        BackwardOps.linears(new NDList(d), new NDList(b), scaled)));
        pass.tellProduct(up, scaled, sum, result);
        return sum;
    }

    /** In place where nothing is recorded: nobody else has y. */
    private static NDArray added(NDArray y, NDArray low, NDArray b) {
        return GraphRecording.isOn()
                ? TorchOps.plusLinear(y, low, b)
                : TorchOps.addLinear(y, low, b);
    }

    /** Whether features of the input are dropped in a pass. */
    boolean drops(DecoderPass pass) {
        return pass.training() && hasDropout();
    }

    boolean hasDropout() {
        return config.dropout() > 0;
    }

    /**
     * Adds scale * B A to a matrix.
     *
     * @param weight [outputs, inputs], changed in place
     */
    void addTo(NDArray weight) {
        try (NDArray product = up.getArray().matMul(down.getArray());
                NDArray scaled = product.mul(config.scale())) {
            weight.addi(scaled);
        }
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        Shape x = inputShapes[0];
        return new Shape[] {x.slice(0, x.dimension() - 1).add(outputs)};
    }
}
