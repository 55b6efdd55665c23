package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import java.util.List;

/**
 * Scales all gradients by min(1, c / (|g| + 1e-6)), |g| the norm of all of them as one vector.
 *
 * <p>Stays on the device: no value is read back.
 */
final class GradientClipping {

    private static final float EPSILON = 1e-6f;

    private GradientClipping() {}

    static void clip(NDManager parent, List<Parameter> parameters, double norm) {
        if (Double.isInfinite(norm)) {
            return;
        }
        try (NDManager scope = parent.newSubManager()) {
            NDList gradients = new NDList();
            NDList squares = new NDList();
            for (Parameter parameter : parameters) {
                NDArray gradient = parameter.getArray().getGradient();
                gradient.attach(scope);
                gradients.add(gradient);
                squares.add(gradient.square().sum());
            }
            NDArray total = NDArrays.stack(squares).sum().sqrt();
            NDArray factor = total.add(EPSILON).pow(-1).mul(norm).minimum(1);
            gradients.forEach(gradient -> gradient.muli(factor));
        }
    }
}
