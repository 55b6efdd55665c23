package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import org.dataflex.torch.GradientOps;

/** What becomes of samples' gradients, parameter by parameter. */
interface GradientTransform {

    /** Leaves gradients as they are. */
    GradientTransform NONE =
            new GradientTransform() {
                @Override
                public NDArray apply(int parameter, NDArray rows) {
                    return rows.reshape(rows.getShape()); // another handle
                }

                @Override
                public NDArray align(int run, NDArray rows, NDList directions) {
                    return GradientOps.align(rows, directions);
                }
            };

    /**
     * Transforms gradients of one parameter.
     *
     * @param parameter its position among the parameters asked for
     * @param rows gradients, float32 [g, size], to read only
     * @return [g, size], which may share memory with {@code rows}; the caller closes it
     */
    NDArray apply(int parameter, NDArray rows);

    /**
     * Compares transformed gradients of a run of parameters with directions.
     *
     * @param run its position among {@link AskedParameters#runs}
     * @param rows gradients g, float32 [g, size], to read only
     * @param directions S arrays of as many values
     * @return |G_i|^2 and the inner products of G_i and each direction, float64 [g, 1 + S]
     */
    NDArray align(int run, NDArray rows, NDList directions);
}
