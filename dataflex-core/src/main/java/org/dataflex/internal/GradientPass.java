package org.dataflex.internal;

import ai.djl.training.dataset.Batch;
import java.util.List;
import java.util.function.Consumer;
import org.dataflex.data.Samples;

/**
 * Computes the gradients of samples batch by batch; parameters, and their own gradients, are
 * afterwards as before.
 */
interface GradientPass {

    /**
     * Says which samples go together.
     *
     * @param samples samples
     * @return batches of positions within {@code samples}, each position once
     */
    List<int[]> batches(Samples samples);

    /**
     * Shows the gradients of a batch.
     *
     * @param batch the samples
     * @param use sees the gradients; they, and what is made of them, are to be used until it
     *     returns
     */
    void show(Batch batch, Consumer<SampleGradients> use);
}
