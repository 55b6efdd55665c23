package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import java.util.List;
import java.util.function.Supplier;
import org.dataflex.model.GradientQuery;
import org.dataflex.model.Projection;

/** Collects the gradient of one loss after the other, each as a row; leaves gradients at zero. */
final class PerSampleGradients {

    /** Whole gradients held at a time before they are projected. */
    private static final int ROWS_HELD = 16;

    private final List<Parameter> trainable;
    private final List<Parameter> asked;
    private final RademacherMap map;
    private final NDManager scope;
    private final NDList held = new NDList();
    private final NDList done = new NDList();

    PerSampleGradients(Block block, GradientQuery query, NDManager scope) {
        this.scope = scope;
        this.trainable =
                block.getParameters().values().stream()
                        .filter(Parameter::requiresGradient)
                        .toList();
        this.asked =
                block.getParameters().stream()
                        .filter(p -> p.getValue().requiresGradient())
                        .filter(p -> query.parameters().test(p.getKey()))
                        .map(p -> p.getValue())
                        .toList();
        if (asked.isEmpty()) {
            throw new IllegalArgumentException(
                    "the gradient query takes none of the trainable parameters; the block has "
                            + block.getParameters().keys());
        }
        this.map =
                query.projection() instanceof Projection.Rademacher rademacher
                        ? new RademacherMap(rademacher)
                        : null;
    }

    /** Adds the gradient of a scalar as a row. */
    void add(Supplier<NDArray> loss) {
        try (GradientCollector collector = scope.getEngine().newGradientCollector()) {
            collector.backward(loss.get());
        }
        NDList pieces = new NDList();
        for (Parameter parameter : asked) {
            NDArray gradient = parameter.getArray().getGradient();
            gradient.attach(scope);
            pieces.add(gradient);
        }
        held.add(row(pieces));
        pieces.close();
        trainable.forEach(PerSampleGradients::zeroGradient);
        if (map != null && held.size() == ROWS_HELD) {
            project();
        }
    }

    /**
     * Returns the rows.
     *
     * @return [n, k] on the scope
     */
    NDArray finish() {
        if (map != null && !held.isEmpty()) {
            project();
        }
        NDList rows = map == null ? held : done;
        NDArray all = NDArrays.concat(rows);
        all.attach(scope);
        rows.close();
        return all;
    }

    private void project() {
        NDArray whole = NDArrays.concat(held);
        held.close();
        done.add(map.apply(whole));
        whole.close();
    }

    /** One row [1, P]; a copy even of a single piece. */
    private static NDArray row(NDList pieces) {
        NDList flat = new NDList(pieces.stream().map(p -> p.reshape(1, -1)).toList());
        NDArray row = flat.size() == 1 ? flat.get(0).duplicate() : NDArrays.concat(flat, 1);
        flat.close();
        return row;
    }

    private static void zeroGradient(Parameter parameter) {
        try (NDArray gradient = parameter.getArray().getGradient()) {
            InPlace.zero(gradient);
        }
    }
}
