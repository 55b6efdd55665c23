package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.dataflex.model.Alignment;

/** Compares the gradient of one loss after the other with directions; keeps plain numbers only. */
final class GradientAlignment {

    private final GradientPass pass;
    private final GradientTransform transform;
    private final List<ParameterDirection> directions;
    private final List<double[]> rows = new ArrayList<>();

    GradientAlignment(
            GradientPass pass, GradientTransform transform, List<ParameterDirection> directions) {
        this.pass = pass;
        this.transform = transform;
        this.directions = directions;
    }

    /** Adds the gradient of a scalar as a row. */
    void add(Supplier<NDArray> loss) {
        rows.add(pass.of(loss, this::row));
    }

    /** Returns |G|^2 and the product with each direction, by one look at the device. */
    private double[] row(NDList gradients) {
        NDList scalars = new NDList();
        for (int i = 0; i < gradients.size(); i++) {
            NDArray gradient = gradients.get(i);
            NDArray transformed = transform.apply(i, gradient);
            addScalars(i, transformed, scalars);
            if (transformed != gradient) {
                transformed.close();
            }
        }
        float[] values = NDArrays.stack(scalars).toFloatArray();
        double[] row = new double[1 + directions.size()];
        for (int i = 0; i < values.length; i++) {
            row[i % row.length] += values[i];
        }
        return row;
    }

    private void addScalars(int parameter, NDArray gradient, NDList scalars) {
        try (NDArray square = gradient.square()) {
            scalars.add(square.sum());
        }
        for (ParameterDirection direction : directions) {
            try (NDArray product = gradient.mul(direction.array(parameter))) {
                scalars.add(product.sum());
            }
        }
    }

    /** Returns the rows in the order in which they were added. */
    Alignment finish() {
        float[] norms = new float[rows.size()];
        float[][] products = new float[rows.size()][directions.size()];
        for (int i = 0; i < norms.length; i++) {
            double[] row = rows.get(i);
            norms[i] = (float) Math.sqrt(row[0]);
            for (int s = 0; s < directions.size(); s++) {
                products[i][s] = (float) row[s + 1];
            }
        }
        return new Alignment(norms, products);
    }
}
