package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import org.dataflex.torch.TorchOps;

/**
 * Scales each token's features to a root mean square of one, then each feature by its own weight.
 *
 * <p>y = w * x / sqrt(mean(x^2) + eps), over the last axis; [..., D] to [..., D]. See <a
 * href="https://arxiv.org/abs/1910.07467">Root Mean Square Layer Normalization</a>, eq. 4.
 */
final class RmsNorm extends AbstractBlock {

    private final Parameter weight;
    private final double eps;

    /**
     * Makes the block.
     *
     * @param path what comes before {@code .weight} in the parameter's name
     * @param size features, D
     * @param eps what is added to the mean square
     */
    RmsNorm(String path, int size, double eps) {
        this.eps = eps;
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
        NDArray w = store.getValue(weight, x.getDevice(), training);
        return new NDList(TorchOps.rmsNorm(x, w, eps));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {inputShapes[0]};
    }
}
