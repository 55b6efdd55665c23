package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.optimizer.Optimizer;
import java.util.ArrayList;
import java.util.List;
import org.dataflex.model.Preconditioner;
import org.dataflex.model.Preconditioner.EpsilonPlacement;
import org.dataflex.model.UnsupportedModelException;
import org.dataflex.torch.GradientOps;
import org.dataflex.torch.GradientOps.AdamStep;

/** Makes Gamma of a gradient: the step that Adam would take, from the optimizer's moments. */
final class AdamTransform implements GradientTransform {

    /** The fields of DJL's Adam and AdamW, and of {@code org.dataflex.optim.AdamW}. */
    private static final String MEANS = "means";

    /** As {@link #MEANS}. */
    private static final String VARIANCES = "variances";

    /** All of them. */
    static final List<String> FIELDS = List.of(MEANS, VARIANCES);

    /** By parameter. */
    private final List<Moments> moments = new ArrayList<>();

    /** By run. */
    private final List<Moments> joined = new ArrayList<>();

    private final AdamStep step;

    /** The optimizer's own arrays of one parameter, or one 0 where it has none yet. */
    private record Moments(NDArray mean, NDArray variance) {}

    /**
     * Reads the optimizer's moments as they are now; they must not change while this is in use.
     *
     * @param adam the settings
     * @param optimizer the optimizer in training, or null if the model has none
     * @param asked the parameters asked for
     * @param manager outlives this
     * @throws UnsupportedModelException if there are no moments to read
     */
    AdamTransform(
            Preconditioner.Adam adam,
            Optimizer optimizer,
            AskedParameters asked,
            NDManager manager) {
        requireMoments(optimizer);
        NDArray none = manager.zeros(new Shape(1));
        for (int p = 0; p < asked.count(); p++) {
            String id = asked.get(p).getId();
            NDArray mean = OptimizerState.array(optimizer, MEANS, id);
            NDArray variance = OptimizerState.array(optimizer, VARIANCES, id);
            moments.add(
                    new Moments(mean == null ? none : mean, variance == null ? none : variance));
        }
        for (ParameterRun run : asked.runs()) {
            joined.add(
                    new Moments(
                            asked.line(run, p -> moments.get(p).mean(), manager),
                            asked.line(run, p -> moments.get(p).variance(), manager)));
        }
        step = step(adam, OptimizerState.updates(optimizer) + 1);
    }

    /** Puts m+ = beta1 m + (1 - beta1) g and v+ = beta2 v + (1 - beta2) g^2 into the quotient. */
    private static AdamStep step(Preconditioner.Adam adam, int t) {
        double meanCorrection = adam.biasCorrection() ? 1 - Math.pow(adam.beta1(), t) : 1;
        double varianceCorrection = adam.biasCorrection() ? 1 - Math.pow(adam.beta2(), t) : 1;
        boolean inside = adam.placement() == EpsilonPlacement.INSIDE_ROOT;
        return new AdamStep(
                adam.beta1() / meanCorrection,
                (1 - adam.beta1()) / meanCorrection,
                adam.beta2() / varianceCorrection,
                (1 - adam.beta2()) / varianceCorrection,
                inside ? adam.epsilon() : 0,
                inside ? 0 : adam.epsilon());
    }

    private static void requireMoments(Optimizer optimizer) {
        if (optimizer == null) {
            throw new UnsupportedModelException(
                    "Adam's moments belong to the model in training; this is another model, which"
                            + " no optimizer updates: ask it with Preconditioner.None");
        }
        if (!keepsMoments(optimizer)) {
            throw new UnsupportedModelException(noMoments(optimizer));
        }
    }

    /** Whether an optimizer has what the step is made of, once it has updated. */
    static boolean keepsMoments(Optimizer optimizer) {
        return FIELDS.stream().allMatch(field -> OptimizerState.keeps(optimizer, field));
    }

    /** Says what is wrong with an optimizer. */
    static String noMoments(Optimizer optimizer) {
        return "the optimizer "
                + optimizer.getClass().getName()
                + " keeps no moments of Adam; train with Adam or AdamW, or ask with"
                + " Preconditioner.None";
    }

    @Override
    public NDArray apply(int parameter, NDArray rows) {
        Moments of = moments.get(parameter);
        return GradientOps.adamSteps(rows, of.mean(), of.variance(), step);
    }

    @Override
    public NDArray align(int run, NDArray rows, NDList directions) {
        Moments of = joined.get(run);
        return GradientOps.align(rows, of.mean(), of.variance(), step, directions);
    }
}
