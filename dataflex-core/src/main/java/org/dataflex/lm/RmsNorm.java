package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import org.dataflex.torch.BackwardOps;
import org.dataflex.torch.TorchOps;

/**
 * Scales each token's features to a root mean square of one, then each feature by its own weight.
 *
 * <p>y = w * x / sqrt(mean(x^2) + eps), over the last axis; [..., D] to [..., D]. See <a
 * href="https://arxiv.org/abs/1910.07467">Root Mean Square Layer Normalization</a>, eq. 4.
 */
final class RmsNorm extends DecoderBlock {

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
    NDArray apply(DecoderPass pass, NDArray x) {
        NDArray w = pass.value(weight, x);
        if (!pass.isTold(weight)) {
            return scaled(pass, x, w);
        }
        NDArray scaled = scaled(pass, x, w.onesLike());
        NDArray y =
                pass.operation(
                        new NDList(scaled), xs -> xs.head().mul(w), d -> new NDList(d.mul(w)));
        pass.trace().scale(weight, scaled, y);
        return y;
    }

    private NDArray scaled(DecoderPass pass, NDArray x, NDArray w) {
        return pass.operation(
                new NDList(x),
                xs -> TorchOps.rmsNorm(xs.head(), w, eps),
                d -> new NDList(BackwardOps.rmsNorm(d, x, w, eps)));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {inputShapes[0]};
    }
}
