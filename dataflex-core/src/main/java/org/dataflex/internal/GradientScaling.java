package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import java.util.List;
import org.dataflex.torch.OptimizerOps;

/**
 * Divides all gradients by the number of terms that they are sums of, and clips them to a norm.
 *
 * <p>Stays on the device: no value is read back.
 */
final class GradientScaling {

    private GradientScaling() {}

    /**
     * Scales gradients in place.
     *
     * @param parent the manager whose child holds temporaries
     * @param parameters whose gradients
     * @param numTerms what to divide by, [], or null for 1
     * @param maxNorm the largest norm of all of them as one vector, or infinity
     */
    static void apply(
            NDManager parent, List<Parameter> parameters, NDArray numTerms, double maxNorm) {
        boolean clips = !Double.isInfinite(maxNorm);
        if (numTerms == null && !clips) {
            return;
        }
        try (NDManager scope = parent.newSubManager()) {
            NDList gradients = new NDList();
            for (Parameter parameter : parameters) {
                NDArray gradient = parameter.getArray().getGradient();
                gradient.attach(scope);
                gradients.add(gradient);
                if (numTerms != null) {
                    gradient.divi(numTerms);
                }
            }
            if (clips) {
                OptimizerOps.clipGlobalNorm(scope, gradients, maxNorm);
            }
        }
    }
}
