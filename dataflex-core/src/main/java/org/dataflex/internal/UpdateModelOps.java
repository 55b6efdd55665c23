package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.List;
import java.util.function.Predicate;
import org.dataflex.data.Samples;
import org.dataflex.model.Alignment;
import org.dataflex.model.Direction;
import org.dataflex.model.GenerationOptions;
import org.dataflex.model.GradientQuery;
import org.dataflex.model.ModelOps;
import org.dataflex.model.Normalisation;
import org.dataflex.model.Pooling;
import org.dataflex.model.Preconditioner;
import org.dataflex.model.WeightedSamples;

/**
 * The model as one strategy call sees it: notes what was asked and the plain values answered, and
 * shares losses and the mean gradients of targets between the strategy calls of one update.
 */
final class UpdateModelOps implements ModelOps {

    private final ModelOps model;
    private final InputDigest digest;
    private final boolean withinStep;
    private final ModelState state;

    /**
     * Shows a model.
     *
     * @param model answers
     * @param digest notes
     * @param update what the call is part of
     * @param state which model, in which state
     */
    UpdateModelOps(ModelOps model, InputDigest digest, Update update, ModelState state) {
        this.model = model;
        this.digest = digest;
        this.withinStep = update.withinStep();
        this.state = state;
    }

    /**
     * A model in a state of which several questions may be asked.
     *
     * @param known what it has answered
     * @param show brings the state about, if it is not there
     */
    record ModelState(KnownAnswers known, Runnable show) {}

    @Override
    public NDList infer(Samples samples) {
        note("infer", samples);
        return model.infer(samples);
    }

    @Override
    public float[] losses(Samples samples) {
        note("losses", samples);
        float[] losses = state.known().losses(samples, model).clone();
        digest.add(losses);
        return losses;
    }

    @Override
    public float[][] tokenLosses(Samples samples) {
        note("token losses", samples);
        float[][] losses = state.known().tokenLosses(samples, model).clone();
        for (int i = 0; i < losses.length; i++) {
            losses[i] = losses[i].clone();
            digest.add(losses[i]);
        }
        return losses;
    }

    @Override
    public NDArray embed(Samples samples, Pooling pooling) {
        note("embed " + pooling, samples);
        return model.embed(samples, pooling);
    }

    @Override
    public NDArray gradients(Samples samples, GradientQuery query) {
        requireNotWithinStep();
        note("gradients " + query.projection() + " " + query.preconditioner(), samples);
        return model.gradients(samples, query);
    }

    @Override
    public Direction meanGradient(
            Samples samples, Predicate<String> parameters, Normalisation normalisation) {
        requireNotWithinStep();
        note("meanGradient " + normalisation, samples);
        return state.known().meanGradient(samples, parameters, normalisation, model);
    }

    @Override
    public Direction meanOfSums(
            List<WeightedSamples> groups,
            Predicate<String> parameters,
            Normalisation normalisation) {
        requireNotWithinStep();
        for (WeightedSamples group : groups) {
            note("meanOfSums " + normalisation, group.samples());
            digest.add(group.weights());
        }
        return model.meanOfSums(groups, parameters, normalisation);
    }

    @Override
    public double[] meanResultantLengths(
            List<Samples> groups, Predicate<String> parameters, Preconditioner preconditioner) {
        requireNotWithinStep();
        groups.forEach(group -> note("meanResultantLengths " + preconditioner, group));
        double[] lengths = model.meanResultantLengths(groups, parameters, preconditioner);
        digest.add(lengths);
        return lengths;
    }

    @Override
    public Alignment alignment(
            Samples samples, List<Direction> directions, Preconditioner preconditioner) {
        requireNotWithinStep();
        note("alignment " + directions.size() + " " + preconditioner, samples);
        Alignment alignment = model.alignment(samples, directions, preconditioner);
        digest.add(alignment.norms());
        for (float[] products : alignment.products()) {
            digest.add(products);
        }
        return alignment;
    }

    @Override
    public List<int[]> generate(List<int[]> prompts, GenerationOptions options) {
        digest.add("generate " + options);
        prompts.forEach(digest::add);
        List<int[]> answers = model.generate(prompts, options);
        answers.forEach(digest::add);
        return answers;
    }

    @Override
    public double[][] expertLoads(Samples samples) {
        note("expertLoads", samples);
        double[][] loads = model.expertLoads(samples);
        for (double[] layer : loads) {
            digest.add(layer);
        }
        return loads;
    }

    private void requireNotWithinStep() {
        if (withinStep) {
            throw new IllegalStateException(
                    "gradients cannot be asked for within a training step; a weighter asks in"
                            + " refresh");
        }
    }

    private void note(String question, Samples samples) {
        state.show().run();
        digest.add(question).add(samples.source().fingerprint()).add(samples.indices());
    }
}
