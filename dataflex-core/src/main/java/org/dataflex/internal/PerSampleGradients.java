package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import java.util.function.Supplier;
import org.dataflex.model.Projection;

/** Collects the gradient of one loss after the other, each as a row. */
final class PerSampleGradients {

    /** Whole gradients held at a time before they are projected. */
    private static final int ROWS_HELD = 16;

    private final GradientPass pass;
    private final GradientTransform transform;
    private final RademacherMap map;
    private final NDList held = new NDList();
    private final NDList done = new NDList();

    PerSampleGradients(GradientPass pass, GradientTransform transform, Projection projection) {
        this.pass = pass;
        this.transform = transform;
        this.map =
                projection instanceof Projection.Rademacher rademacher
                        ? new RademacherMap(rademacher)
                        : null;
    }

    /** Adds the gradient of a scalar as a row. */
    void add(Supplier<NDArray> loss) {
        held.add(pass.of(loss, this::row));
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
        all.attach(pass.scope());
        rows.close();
        return all;
    }

    private void project() {
        NDArray whole = NDArrays.concat(held);
        held.close();
        done.add(map.apply(whole));
        whole.close();
    }

    /** One row [1, P] on the scope; a copy even of a single piece. */
    private NDArray row(NDList gradients) {
        NDList flat = new NDList();
        for (int i = 0; i < gradients.size(); i++) {
            flat.add(transform.apply(i, gradients.get(i)).reshape(1, -1));
        }
        NDArray row = flat.size() == 1 ? flat.get(0).duplicate() : NDArrays.concat(flat, 1);
        row.attach(pass.scope());
        return row;
    }
}
