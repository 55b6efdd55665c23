package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

/**
 * Scales each token's features to a root mean square of one, then each feature by its own weight.
 *
 * <p>y = w * x / sqrt(mean(x^2) + eps), over the last axis; [..., D] to [..., D]. See <a
 * href="https://arxiv.org/abs/1910.07467">Root Mean Square Layer Normalization</a>, eq. 4.
 */
final class RmsNorm extends AbstractBlock {

    private final Parameter weight;
    private final float eps;

    /**
     * Makes the block.
     *
     * @param path what comes before {@code .weight} in the parameter's name
     * @param size features, D
     * @param eps what is added to the mean square
     */
    RmsNorm(String path, int size, double eps) {
        this.eps = (float) eps;
        weight =
                addParameter(
                        Parameter.builder()
                                .setName(path + ".weight")
                                .setType(Parameter.Type.GAMMA)
                                .optShape(new Shape(size))
                                .build());
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        NDArray x = inputs.get(0);
        NDManager manager = x.getManager();
        NDArray epsilon = manager.full(new Shape(), eps, DataType.FLOAT32);
        NDArray minusHalf = manager.full(new Shape(), -0.5f, DataType.FLOAT32);
        NDArray scale = x.square().mean(new int[] {-1}, true).add(epsilon).pow(minusHalf);
        NDArray w = store.getValue(weight, x.getDevice(), training);
        return new NDList(x.mul(scale).mul(w));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {inputShapes[0]};
    }
}
