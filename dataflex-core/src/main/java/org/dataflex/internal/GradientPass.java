package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.util.Pair;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.dataflex.torch.InPlace;

/** Shows the gradient of one scalar after the other by parameter; leaves gradients at zero. */
final class GradientPass {

    private final List<Parameter> trainable;
    private final List<Pair<String, Parameter>> asked;
    private final NDManager scope;

    /**
     * Looks at some parameters of a block.
     *
     * @param block the block
     * @param parameters which of the trainable parameters, by name
     * @param scope the manager whose children hold a gradient while it is shown
     */
    GradientPass(Block block, Predicate<String> parameters, NDManager scope) {
        this.scope = scope;
        this.trainable =
                block.getParameters().values().stream()
                        .filter(Parameter::requiresGradient)
                        .toList();
        this.asked =
                block.getParameters().stream()
                        .filter(p -> p.getValue().requiresGradient())
                        .filter(p -> parameters.test(p.getKey()))
                        .toList();
        if (asked.isEmpty()) {
            throw new IllegalArgumentException(
                    "the gradient query takes none of the trainable parameters; the block has "
                            + block.getParameters().keys());
        }
    }

    NDManager scope() {
        return scope;
    }

    /** The parameters asked for, with their names, in the block's order. */
    List<Pair<String, Parameter>> parameters() {
        return asked;
    }

    /**
     * Shows a gradient.
     *
     * @param loss makes a scalar of the parameters
     * @param use sees the gradient by parameter, float32, in the order of {@link #parameters};
     *     these arrays, to read only, and what is made of them are freed when it returns
     * @return what {@code use} returns
     */
    <T> T of(Supplier<NDArray> loss, Function<NDList, T> use) {
        try (NDManager sample = scope.newSubManager()) {
            try (GradientCollector collector = scope.getEngine().newGradientCollector()) {
                collector.backward(loss.get());
            }
            NDList gradients = new NDList();
            for (Pair<String, Parameter> parameter : asked) {
                NDArray gradient = parameter.getValue().getArray().getGradient();
                gradient.attach(sample);
                gradients.add(gradient.toType(DataType.FLOAT32, false));
            }
            return use.apply(gradients);
        } finally {
            trainable.forEach(GradientPass::zeroGradient);
        }
    }

    private static void zeroGradient(Parameter parameter) {
        try (NDArray gradient = parameter.getArray().getGradient()) {
            InPlace.zero(gradient);
        }
    }
}
