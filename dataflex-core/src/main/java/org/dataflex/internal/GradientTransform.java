package org.dataflex.internal;

import ai.djl.ndarray.NDArray;

/** What becomes of a sample's gradient, parameter by parameter. */
interface GradientTransform {

    /** Leaves gradients as they are. */
    GradientTransform NONE = (parameter, gradient) -> gradient;

    /**
     * Transforms the gradient of one parameter.
     *
     * @param parameter its position among the parameters asked for
     * @param gradient its gradient, float32, to read only
     * @return an array of the same shape on the gradient's manager, or the gradient itself
     */
    NDArray apply(int parameter, NDArray gradient);
}
