package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

/**
 * Multiplies each token's features by a matrix, without a bias: y = x W^T.
 *
 * <p>Differs from DJL's {@link Linear} in that its shape is known from the start and its parameter
 * bears the full name.
 */
final class LinearLayer extends AbstractBlock {

    private final Parameter weight;
    private final int outputs;

    /**
     * Makes the block.
     *
     * @param path what comes before {@code .weight} in the parameter's name
     * @param inputs features of x
     * @param outputs features of y
     */
    LinearLayer(String path, int inputs, int outputs) {
        this.outputs = outputs;
        weight =
                addParameter(
                        Parameter.builder()
                                .setName(path + ".weight")
                                .setType(Parameter.Type.WEIGHT)
                                .optShape(new Shape(outputs, inputs))
                                .build());
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        NDArray x = inputs.get(0);
        return Linear.linear(x, store.getValue(weight, x.getDevice(), training));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        Shape x = inputShapes[0];
        return new Shape[] {x.slice(0, x.dimension() - 1).add(outputs)};
    }
}
