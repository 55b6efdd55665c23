package org.dataflex.optim;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.ParameterTracker;
import ai.djl.training.tracker.Tracker;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.dataflex.torch.InPlace;
import org.dataflex.torch.OptimizerOps;
import org.dataflex.torch.OptimizerOps.AdamWStep;

/**
 * Adam with decoupled weight decay, as {@code torch.optim.AdamW} computes it, in fused native
 * calls.
 *
 * <p>For update t with gradient g, learning rate eta and weight decay lambda:
 *
 * <pre>
 * m = beta1 m + (1 - beta1) g
 * v = beta2 v + (1 - beta2) g^2
 * w = w - eta (lambda w + (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon))
 * </pre>
 *
 * <p>Weights of at least two axes decay; norms' factors and biases, which have one, do not, as is
 * usual for language models. {@link Builder#optWeightDecayTracker} decides otherwise.
 *
 * <p>How {@link ai.djl.training.optimizer.AdamW} differs: it decays every parameter; it adds
 * epsilon before the correction of v, which is an epsilon 1 / sqrt(1 - beta2^t) as large, 32 times
 * in the first update; its betas are floats, which puts 1 - beta2 off by 1e-5.
 *
 * <p>Any DJL trainer on PyTorch can use it. Weights must be float32, and so are the moments, on the
 * weight's device. As with DJL's optimizers, t is the largest count of any parameter, and counts
 * every device of a trainer on several. Checkpoints of {@link org.dataflex.DynamicTrainer} save and
 * restore the moments and t. An optimizer serves one trainer at a time.
 *
 * @see <a href="https://arxiv.org/abs/1711.05101">Decoupled Weight Decay Regularization</a>,
 *     algorithm 2
 */
public class AdamW extends Optimizer implements AutoCloseable {

    /*
     * The fields' types are a contract: internal.OptimizerState saves maps of this type by
     * reflection, takes trackers and numbers for settings, and refuses anything else. The fields'
     * names are those of DJL's Adam and are part of a checkpoint.
     *
     * DJL's trainer expects a weight to be new when update returns and names no last parameter of
     * a step, so update(id, ...) is one native call a parameter. updateAll is one for all.
     */
    private final ParameterTracker learningRateTracker;
    private final ParameterTracker weightDecayTracker; // null: by the number of axes
    private final double beta1;
    private final double beta2;
    private final double epsilon;
    private final Map<String, Map<Device, NDArray>> means = new ConcurrentHashMap<>();
    private final Map<String, Map<Device, NDArray>> variances = new ConcurrentHashMap<>();

    /**
     * Makes an optimizer; {@link Builder#build} checks its settings.
     *
     * @param builder the settings
     */
    protected AdamW(Builder builder) {
        super(builder);
        learningRateTracker = builder.learningRateTracker;
        weightDecayTracker = builder.weightDecayTracker;
        beta1 = builder.beta1;
        beta2 = builder.beta2;
        epsilon = builder.epsilon;
    }

    /**
     * Starts a configuration.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Updates a weight and its moments in place; the weight's own gradient is zero afterwards.
     *
     * @param parameterId the parameter's id
     * @param weight the weight, float32, contiguous
     * @param grad the gradient, of the weight's shape; left as it is unless it is the weight's own
     * @throws IllegalArgumentException if the weight is not float32, or the learning rate or weight
     *     decay of this update is not finite or is negative
     */
    @Override
    public void update(String parameterId, NDArray weight, NDArray grad) {
        requireFloat32(weight);
        AdamWStep step = nextStep(parameterId, weight);
        NDList mean = new NDList(moment(means, parameterId, weight));
        NDList variance = new NDList(moment(variances, parameterId, weight));
        NDArray gradient = rescaledAndClipped(grad);
        try {
            OptimizerOps.adamW(new NDList(weight), new NDList(gradient), mean, variance, step);
        } finally {
            if (gradient != grad) {
                gradient.close();
            }
        }
        zeroGradient(weight);
    }

    /**
     * Updates parameters and their moments in place, all that share a learning rate and a weight
     * decay in one native call; their gradients are zero afterwards.
     *
     * <p>Gives the bits that {@link #update} gives for one after the other. {@link
     * org.dataflex.DynamicTrainer} calls it in place of {@code Trainer.step}.
     *
     * @param parameters parameters with values, float32, and gradients, on one device
     * @throws IllegalArgumentException as {@link #update} does
     */
    public void updateAll(Collection<Parameter> parameters) {
        Map<AdamWStep, Group> groups = new LinkedHashMap<>();
        NDList gradients = new NDList();
        try {
            for (Parameter parameter : parameters) {
                NDArray weight = parameter.getArray();
                requireFloat32(weight);
                AdamWStep step = nextStep(parameter.getId(), weight);
                NDArray gradient = weight.getGradient();
                gradients.add(gradient);
                groups.computeIfAbsent(step, s -> new Group())
                        .add(
                                weight,
                                gradient,
                                moment(means, parameter.getId(), weight),
                                moment(variances, parameter.getId(), weight));
            }
            groups.forEach((step, group) -> group.update(step, this::rescaledAndClipped));
            OptimizerOps.zero(gradients);
        } finally {
            gradients.close();
        }
    }

    private static void requireFloat32(NDArray weight) {
        if (weight.getDataType() != DataType.FLOAT32) {
            throw new IllegalArgumentException(
                    "AdamW updates float32; "
                            + weight.getName()
                            + " "
                            + weight.getShape()
                            + " is "
                            + weight.getDataType());
        }
    }

    /** Parameters that make the same step. */
    private static final class Group {

        private final NDList weights = new NDList();
        private final NDList gradients = new NDList();
        private final NDList means = new NDList();
        private final NDList variances = new NDList();

        void add(NDArray weight, NDArray gradient, NDArray mean, NDArray variance) {
            weights.add(weight);
            gradients.add(gradient);
            means.add(mean);
            variances.add(variance);
        }

        void update(AdamWStep step, UnaryOperator<NDArray> prepare) {
            NDList prepared = new NDList();
            NDList made = new NDList();
            for (NDArray gradient : gradients) {
                NDArray ready = prepare.apply(gradient);
                prepared.add(ready);
                if (ready != gradient) {
                    made.add(ready);
                }
            }
            try (made) {
                OptimizerOps.adamW(weights, prepared, means, variances, step);
            }
        }
    }

    private AdamWStep nextStep(String parameterId, NDArray weight) {
        int number = updateCount(parameterId);
        float rate = learningRateTracker.getNewValue(parameterId, number);
        requireInRange("learning rate", rate, number);
        float decay = weightDecay(parameterId, weight, number);
        requireInRange("weight decay", decay, number);
        return new AdamWStep(number, rate, beta1, beta2, decay, epsilon);
    }

    private float weightDecay(String parameterId, NDArray weight, int number) {
        if (weightDecayTracker != null) {
            return weightDecayTracker.getNewValue(parameterId, number);
        }
        return weight.getShape().dimension() < 2 ? 0 : getWeightDecay();
    }

    private static void requireInRange(String name, float value, int number) {
        if (!(value >= 0 && value <= Float.MAX_VALUE)) {
            throw new IllegalArgumentException(
                    "the " + name + " of update " + number + " is " + value);
        }
    }

    private NDArray moment(
            Map<String, Map<Device, NDArray>> moments, String parameterId, NDArray weight) {
        return withDefaultState(moments, parameterId, weight.getDevice(), id -> weight.zerosLike());
    }

    /** Applies the settings of DJL's base builder; returns the array itself if they ask nothing. */
    private NDArray rescaledAndClipped(NDArray grad) {
        if (rescaleGrad == 1 && clipGrad < 0) {
            return grad;
        }
        NDArray rescaled = grad.mul(rescaleGrad);
        if (clipGrad < 0) {
            return rescaled;
        }
        try (rescaled) {
            return rescaled.clip(-clipGrad, clipGrad);
        }
    }

    /** DJL leaves this to its optimizers: backward passes add to what is there. */
    private static void zeroGradient(NDArray weight) {
        if (weight.hasGradient()) {
            try (NDArray gradient = weight.getGradient()) {
                InPlace.zero(gradient);
            }
        }
    }

    /**
     * Returns a parameter's first moment m, not corrected for its start at 0.
     *
     * @param parameterId the parameter's id
     * @return the optimizer's own array, float32, of the weight's shape, to read only; empty before
     *     the parameter's first update
     */
    public Optional<NDArray> mean(String parameterId) {
        return first(means, parameterId);
    }

    /**
     * Returns a parameter's second moment v, not corrected for its start at 0.
     *
     * @param parameterId the parameter's id
     * @return the optimizer's own array, float32, of the weight's shape, to read only; empty before
     *     the parameter's first update
     */
    public Optional<NDArray> variance(String parameterId) {
        return first(variances, parameterId);
    }

    private static Optional<NDArray> first(
            Map<String, Map<Device, NDArray>> moments, String parameterId) {
        return moments.getOrDefault(parameterId, Map.of()).values().stream().findFirst();
    }

    /**
     * Returns the number t of the latest update, those before a resume included.
     *
     * @return the number; 0 before the first update
     */
    public int updates() {
        // a resume restores the private field of DJL, whose only reader, updateCount, counts on
        try {
            Field field = Optimizer.class.getDeclaredField("numUpdate");
            field.setAccessible(true);
            return field.getInt(this);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this DJL counts updates elsewhere than DJL 0.36", e);
        }
    }

    /**
     * Returns the decay of the first moment.
     *
     * @return beta1
     */
    public double beta1() {
        return beta1;
    }

    /**
     * Returns the decay of the second moment.
     *
     * @return beta2
     */
    public double beta2() {
        return beta2;
    }

    /**
     * Returns what keeps the quotient of the moments finite.
     *
     * @return epsilon
     */
    public double epsilon() {
        return epsilon;
    }

    /** Frees the moments; a trainer that goes on starts them at 0. May be called twice. */
    @Override
    public void close() {
        for (Map<String, Map<Device, NDArray>> moments : List.of(means, variances)) {
            moments.values().forEach(arrays -> arrays.values().forEach(NDArray::close));
            moments.clear();
        }
    }

    /** Collects an optimizer's settings. */
    public static final class Builder extends OptimizerBuilder<Builder> {

        private ParameterTracker learningRateTracker = Tracker.fixed(0.001f);
        private ParameterTracker weightDecayTracker;
        private double beta1 = 0.9;
        private double beta2 = 0.999;
        private double epsilon = 1e-8;

        private Builder() {
            optWeightDecays(0.01f);
        }

        @Override
        protected Builder self() {
            return this;
        }

        /**
         * Sets the learning rate by update, and by parameter if need be.
         *
         * @param learningRateTracker the learning rate, at least 0, default 0.001
         * @return this builder
         */
        public Builder optLearningRateTracker(ParameterTracker learningRateTracker) {
            this.learningRateTracker = learningRateTracker;
            return this;
        }

        /**
         * Sets the weight decay by parameter and update, in place of {@link #optWeightDecays} for
         * weights of two or more axes.
         *
         * <p>{@code Tracker.fixed(0.1f)} decays every parameter. DJL names a parameter to its
         * optimizer by id only; to choose by name, type or shape, collect the ids first:
         *
         * <pre>
         * Set&lt;String&gt; decayed = new HashSet&lt;&gt;();
         * for (Parameter parameter : model.getBlock().getParameters().values()) {
         *     if (parameter.getType() == Parameter.Type.WEIGHT) {
         *         decayed.add(parameter.getId());
         *     }
         * }
         * builder.optWeightDecayTracker((id, update) -&gt; decayed.contains(id) ? 0.1f : 0);
         * </pre>
         *
         * @param weightDecayTracker the weight decay, at least 0
         * @return this builder
         */
        public Builder optWeightDecayTracker(ParameterTracker weightDecayTracker) {
            this.weightDecayTracker = weightDecayTracker;
            return this;
        }

        /**
         * Sets the decay of the first moment.
         *
         * @param beta1 from 0 to below 1, default 0.9; write 0.9 rather than 0.9f
         * @return this builder
         */
        public Builder optBeta1(double beta1) {
            this.beta1 = beta1;
            return this;
        }

        /**
         * Sets the decay of the second moment.
         *
         * @param beta2 from 0 to below 1, default 0.999; write 0.999 rather than 0.999f
         * @return this builder
         */
        public Builder optBeta2(double beta2) {
            this.beta2 = beta2;
            return this;
        }

        /**
         * Sets what keeps the quotient of the moments finite.
         *
         * @param epsilon positive, default 1e-8
         * @return this builder
         */
        public Builder optEpsilon(double epsilon) {
            this.epsilon = epsilon;
            return this;
        }

        /**
         * Makes the optimizer.
         *
         * @return the optimizer
         * @throws IllegalArgumentException if settings are out of range; names all of them
         */
        public AdamW build() {
            AdamW optimizer = new AdamW(this);
            List<String> errors = new ArrayList<>();
            check(errors, learningRateTracker != null, "learningRateTracker = null, must be given");
            check(errors, isDecay(beta1), "beta1 = " + beta1 + ", must be in [0, 1)");
            check(errors, isDecay(beta2), "beta2 = " + beta2 + ", must be in [0, 1)");
            check(errors, isPositive(epsilon), "epsilon = " + epsilon + ", must be positive");
            float decay = optimizer.getWeightDecay();
            check(
                    errors,
                    decay == 0 || isPositive(decay),
                    "weightDecays = " + decay + ", must be" + " at least 0");
            float rescale = optimizer.rescaleGrad;
            check(errors, isPositive(rescale), "rescaleGrad = " + rescale + ", must be positive");
            float clip = optimizer.clipGrad;
            check(errors, !Float.isNaN(clip), "clipGrad = NaN, must be a number");
            if (!errors.isEmpty()) {
                throw new IllegalArgumentException(String.join("; ", errors));
            }
            return optimizer;
        }

        private static void check(List<String> errors, boolean holds, String error) {
            if (!holds) {
                errors.add(error);
            }
        }

        private static boolean isDecay(double value) {
            return value >= 0 && value < 1;
        }

        private static boolean isPositive(double value) {
            return value > 0 && value <= Double.MAX_VALUE;
        }
    }
}
