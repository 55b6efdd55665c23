package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.training.GradientCollector;
import ai.djl.training.dataset.Batch;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.dataflex.data.Samples;
import org.dataflex.model.ParameterTrace;
import org.dataflex.model.TracedBlock;

/**
 * Gradients of a {@link TracedBlock}: one backward pass a batch, to the outputs that parameters
 * enter and never to the parameters, whose own gradients stay untouched.
 */
final class TracedPass implements GradientPass {

    private final AskedParameters asked;
    private final BiFunction<Batch, ParameterTrace, NDArray> objective;
    private final int batchSize;
    private final long mostTokens;

    /**
     * Looks at some parameters of a block.
     *
     * @param asked the parameters
     * @param objective makes the sum of a batch's losses, recorded, and tells a trace of it
     * @param batchSize samples a batch, were they all of the longest length
     * @param mostTokens the most tokens of a batch; a longer sample is a batch
     */
    TracedPass(
            AskedParameters asked,
            BiFunction<Batch, ParameterTrace, NDArray> objective,
            int batchSize,
            long mostTokens) {
        this.asked = asked;
        this.objective = objective;
        this.batchSize = batchSize;
        this.mostTokens = mostTokens;
    }

    @Override
    public List<int[]> batches(Samples samples) {
        return TokenBudget.batches(samples, batchSize, mostTokens);
    }

    @Override
    @SuppressWarnings("try") // the collector only has to be open
    public void show(Batch batch, Consumer<SampleGradients> use) {
        RecordedTrace trace = new RecordedTrace(asked);
        SampleGradients gradients;
        try (GradientCollector collector = batch.getManager().getEngine().newGradientCollector()) {
            gradients = trace.gradientsOf(objective.apply(batch, trace), batch);
        }
        use.accept(gradients);
    }
}
