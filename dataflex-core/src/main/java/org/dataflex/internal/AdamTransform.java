package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.util.Pair;
import java.util.ArrayList;
import java.util.List;
import org.dataflex.model.Preconditioner;
import org.dataflex.model.Preconditioner.EpsilonPlacement;
import org.dataflex.model.UnsupportedModelException;

/** Makes Gamma of a gradient: the step that Adam would take, from the optimizer's moments. */
final class AdamTransform implements GradientTransform {

    /** The fields of DJL's Adam and AdamW, and of {@code org.dataflex.optim.AdamW}. */
    private static final String MEANS = "means";

    /** As {@link #MEANS}. */
    private static final String VARIANCES = "variances";

    private final Preconditioner.Adam adam;
    private final List<Moments> moments = new ArrayList<>();
    private final double meanCorrection;
    private final double varianceCorrection;

    /** The optimizer's own arrays of one parameter, or null where it has none yet. */
    private record Moments(NDArray mean, NDArray variance) {}

    /**
     * Reads the optimizer's moments as they are now; they must not change while this is in use.
     *
     * @param adam the settings
     * @param optimizer the optimizer in training, or null if the model has none
     * @param parameters the parameters asked for
     * @throws UnsupportedModelException if there are no moments to read
     */
    AdamTransform(
            Preconditioner.Adam adam,
            Optimizer optimizer,
            List<Pair<String, Parameter>> parameters) {
        this.adam = adam;
        requireMoments(optimizer);
        for (Pair<String, Parameter> parameter : parameters) {
            String id = parameter.getValue().getId();
            moments.add(
                    new Moments(
                            OptimizerState.array(optimizer, MEANS, id),
                            OptimizerState.array(optimizer, VARIANCES, id)));
        }
        int t = OptimizerState.updates(optimizer) + 1;
        meanCorrection = adam.biasCorrection() ? 1 - Math.pow(adam.beta1(), t) : 1;
        varianceCorrection = adam.biasCorrection() ? 1 - Math.pow(adam.beta2(), t) : 1;
    }

    private static void requireMoments(Optimizer optimizer) {
        if (optimizer == null) {
            throw new UnsupportedModelException(
                    "Adam's moments belong to the model in training; this is another model, which"
                            + " no optimizer updates: ask it with Preconditioner.None");
        }
        if (!OptimizerState.keeps(optimizer, MEANS)
                || !OptimizerState.keeps(optimizer, VARIANCES)) {
            throw new UnsupportedModelException(
                    "the optimizer "
                            + optimizer.getClass().getName()
                            + " keeps no moments of Adam; train with Adam or AdamW, or ask with"
                            + " Preconditioner.None");
        }
    }

    @Override
    public NDArray apply(int parameter, NDArray gradient) {
        Moments of = moments.get(parameter);
        // m+ = beta1 m + (1 - beta1) g
        NDArray step = next(of.mean(), adam.beta1(), gradient);
        // v+ = beta2 v + (1 - beta2) g^2
        try (NDArray square = gradient.square();
                NDArray variance = next(of.variance(), adam.beta2(), square)) {
            variance.divi(varianceCorrection);
            boolean inside = adam.placement() == EpsilonPlacement.INSIDE_ROOT;
            if (inside) {
                variance.addi(adam.epsilon());
            }
            try (NDArray root = variance.sqrt()) {
                if (!inside) {
                    root.addi(adam.epsilon());
                }
                step.divi(meanCorrection).divi(root);
            }
        }
        return step;
    }

    /** Returns beta moment + (1 - beta) value, on the value's manager, where a result belongs. */
    private static NDArray next(NDArray moment, double beta, NDArray value) {
        NDArray next = value.mul(1 - beta);
        if (moment != null) {
            try (NDArray past = value.zerosLike()) {
                past.addi(moment).muli(beta);
                next.addi(past);
            }
        }
        return next;
    }
}
