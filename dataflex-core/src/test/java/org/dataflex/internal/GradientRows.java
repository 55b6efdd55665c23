package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import org.dataflex.data.Samples;
import org.dataflex.model.Direction;
import org.dataflex.model.GradientQuery;
import org.dataflex.model.ModelOps;

/** Gradients as Java numbers. */
final class GradientRows {

    private GradientRows() {}

    static double[][] of(ModelOps ops, Samples samples, GradientQuery query) {
        try (NDArray all = ops.gradients(samples, query)) {
            int width = (int) all.getShape().get(1);
            float[] values = all.toFloatArray();
            double[][] rows = new double[samples.size()][width];
            for (int k = 0; k < values.length; k++) {
                rows[k / width][k % width] = values[k];
            }
            return rows;
        }
    }

    static double[] mean(double[][] rows, boolean unit) {
        double[] mean = new double[rows[0].length];
        for (double[] row : rows) {
            double norm = Math.sqrt(dot(row, row));
            double scale = rows.length * (unit && norm > 0 ? norm : 1);
            for (int j = 0; j < mean.length; j++) {
                mean[j] += row[j] / scale;
            }
        }
        return mean;
    }

    static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    static double norm(double[] a) {
        return Math.sqrt(dot(a, a));
    }

    static double distance(double[] a, double[] b) {
        double[] difference = new double[a.length];
        Arrays.setAll(difference, i -> a[i] - b[i]);
        return norm(difference);
    }

    /** The numbers of a direction. */
    static double[] of(Direction direction) {
        ParameterDirection own = (ParameterDirection) direction;
        double[] all = new double[0];
        for (int i = 0; i < own.names().size(); i++) {
            float[] part = own.array(i).toFloatArray();
            int done = all.length;
            all = Arrays.copyOf(all, done + part.length);
            for (int j = 0; j < part.length; j++) {
                all[done + j] = part[j];
            }
        }
        return all;
    }
}
