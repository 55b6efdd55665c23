package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import org.dataflex.model.Alignment;

/** Compares the gradients of batch after batch with directions; keeps plain numbers only. */
final class GradientAlignment {

    private final GradientTransform transform;
    private final List<ParameterRun> runs;

    /** By run and then by direction. */
    private final List<NDList> directions = new ArrayList<>();

    private final float[] norms;
    private final float[][] products;

    /**
     * Starts without samples.
     *
     * @param transform what becomes of gradients first
     * @param asked the parameters asked for
     * @param directions what to compare with, over these parameters
     * @param numSamples the number of rows
     * @param manager outlives this
     */
    GradientAlignment(
            GradientTransform transform,
            AskedParameters asked,
            List<ParameterDirection> directions,
            int numSamples,
            NDManager manager) {
        this.transform = transform;
        this.runs = asked.runs();
        for (ParameterRun run : runs) {
            NDList own = new NDList();
            directions.forEach(u -> own.add(asked.line(run, u::array, manager)));
            this.directions.add(own);
        }
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
        boolean[] nonzero = gradients.nonzero();
        double[] scores = gradients.total(runs, this::scores);
        int width = 1 + directions.get(0).size();
        for (int i = 0; i < places.length; i++) {
            if (!nonzero[i]) {
                continue; // G_i is 0 then, whatever the transform makes of it
            }
            norms[places[i]] = (float) Math.sqrt(scores[i * width]);
            for (int s = 1; s < width; s++) {
                products[places[i]][s - 1] = (float) scores[i * width + s];
            }
        }
    }

    private NDArray scores(int run, NDArray rows) {
        return transform.align(run, rows, directions.get(run));
    }

    /** Returns all rows. */
    Alignment finish() {
        return new Alignment(norms, products);
    }
}
