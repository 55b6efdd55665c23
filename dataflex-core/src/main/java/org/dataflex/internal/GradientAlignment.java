package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.List;
import org.dataflex.model.Alignment;

/** Compares the gradients of batch after batch with directions; keeps plain numbers only. */
final class GradientAlignment {

    private final GradientTransform transform;
    private final List<ParameterDirection> directions;
    private final float[] norms;
    private final float[][] products;

    GradientAlignment(
            GradientTransform transform, List<ParameterDirection> directions, int numSamples) {
        this.transform = transform;
        this.directions = directions;
        this.norms = new float[numSamples];
        this.products = new float[numSamples][directions.size()];
    }

    /**
     * Adds the rows of a batch.
     *
     * @param places the row of each sample
     * @param gradients the samples' gradients
     */
    void add(int[] places, SampleGradients gradients) {
        double[] scores = gradients.total(this::scores);
        int width = 1 + directions.size();
        for (int i = 0; i < places.length; i++) {
            norms[places[i]] = (float) Math.sqrt(scores[i * width]);
            for (int s = 1; s < width; s++) {
                products[places[i]][s - 1] = (float) scores[i * width + s];
            }
        }
    }

    private NDArray scores(int parameter, NDArray rows) {
        NDList own = new NDList();
        directions.forEach(direction -> own.add(direction.array(parameter)));
        return transform.align(parameter, rows, own);
    }

    /** Returns all rows. */
    Alignment finish() {
        return new Alignment(norms, products);
    }
}
