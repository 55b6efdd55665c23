package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.Dropout;
import ai.djl.training.initializer.Initializer;
import org.dataflex.torch.Precision;

/** What {@link Lora} adds to a linear layer's output: scale * B A dropout(x). */
final class LoraAdapter extends DecoderBlock {

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

    private Parameter addMatrix(String name, long rows, long columns) {
        return addParameter(
                Parameter.builder()
                        .setName(name)
                        .setType(Parameter.Type.WEIGHT)
                        .optShape(new Shape(rows, columns))
                        .build());
    }

    @Override
    NDArray apply(DecoderPass pass, NDArray x) {
        NDArray a = pass.value(down, x);
        NDArray b = pass.value(up, x);
        if (pass.training() && config.dropout() > 0) {
            x = Dropout.dropout(x, config.dropout(), true).singletonOrThrow();
        }
        NDArray low = Linear.linear(x, a).singletonOrThrow(); // [..., r]
        pass.tellProduct(down, x, low, Precision.FLOAT32);
        NDArray scale = x.getManager().full(new Shape(), (float) config.scale(), DataType.FLOAT32);
        NDArray scaled = low.mul(scale);
        NDArray y = Linear.linear(scaled, b).singletonOrThrow();
        pass.tellProduct(up, scaled, y, Precision.FLOAT32);
        return y;
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
