package org.dataflex.internal;

import ai.djl.ndarray.NDManager;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.dataflex.data.SampleSet;
import org.dataflex.data.Samples;
import org.dataflex.model.Direction;
import org.dataflex.model.ModelOps;
import org.dataflex.model.Normalisation;

/** What a model in one state has answered and may be asked for again. */
final class KnownAnswers {

    private final SampleSet pool;
    private final NDManager scope;
    private final Map<Samples, float[]> losses = new HashMap<>();
    private final Map<Samples, float[][]> tokenLosses = new HashMap<>();
    private final Map<Mean, Direction> meanGradients = new HashMap<>();

    /** A question for a mean gradient. */
    private record Mean(
            Samples samples, Predicate<String> parameters, Normalisation normalisation) {}

    /**
     * Knows nothing yet.
     *
     * @param pool the candidates
     * @param scope lives as long as the model stays in its state
     */
    KnownAnswers(SampleSet pool, NDManager scope) {
        this.pool = pool;
        this.scope = scope;
    }

    float[] losses(Samples samples, ModelOps model) {
        return losses.computeIfAbsent(samples, model::losses);
    }

    float[][] tokenLosses(Samples samples, ModelOps model) {
        return tokenLosses.computeIfAbsent(samples, model::tokenLosses);
    }

    /** Keeps those of targets, which all domains have in common; candidates are of one only. */
    Direction meanGradient(
            Samples samples,
            Predicate<String> parameters,
            Normalisation normalisation,
            ModelOps model) {
        Mean question = new Mean(samples, parameters, normalisation);
        return samples.source() == pool
                ? ask(question, model)
                : meanGradients.computeIfAbsent(
                        question, q -> ((ParameterDirection) ask(q, model)).on(scope));
    }

    private static Direction ask(Mean question, ModelOps model) {
        return model.meanGradient(
                question.samples(), question.parameters(), question.normalisation());
    }
}
