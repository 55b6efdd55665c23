package org.dataflex.internal;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.Map;
import org.dataflex.data.Samples;
import org.dataflex.model.GradientQuery;
import org.dataflex.model.ModelOps;
import org.dataflex.model.Pooling;

/**
 * The model as one strategy call sees it: notes what was asked and the plain values answered, and
 * shares losses between the strategies of one update.
 */
final class UpdateModelOps implements ModelOps {

    private final ModelOps model;
    private final InputDigest digest;
    private final boolean withinStep;
    private final Map<Samples, float[]> sharedLosses;

    UpdateModelOps(ModelOps model, InputDigest digest, Update update, Model of) {
        this.model = model;
        this.digest = digest;
        this.withinStep = update.withinStep();
        this.sharedLosses = update.sharedLosses(of);
    }

    @Override
    public NDList infer(Samples samples) {
        note("infer", samples);
        return model.infer(samples);
    }

    @Override
    public float[] losses(Samples samples) {
        note("losses", samples);
        float[] losses = sharedLosses.computeIfAbsent(samples, model::losses).clone();
        digest.add(losses);
        return losses;
    }

    @Override
    public NDArray embed(Samples samples, Pooling pooling) {
        note("embed " + pooling, samples);
        return model.embed(samples, pooling);
    }

    @Override
    public NDArray gradients(Samples samples, GradientQuery query) {
        if (withinStep) {
            throw new IllegalStateException(
                    "gradients cannot be asked for within a training step; a weighter asks in"
                            + " refresh");
        }
        note("gradients " + query.projection(), samples);
        return model.gradients(samples, query);
    }

    private void note(String question, Samples samples) {
        digest.add(question).add(samples.source().fingerprint()).add(samples.indices());
    }
}
