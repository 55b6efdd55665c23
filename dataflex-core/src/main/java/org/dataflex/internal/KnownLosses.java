package org.dataflex.internal;

import java.util.HashMap;
import java.util.Map;
import org.dataflex.data.Samples;
import org.dataflex.model.ModelOps;

/** Losses that a model in one state has been asked for. */
final class KnownLosses {

    private final Map<Samples, float[]> ofSamples = new HashMap<>();
    private final Map<Samples, float[][]> ofTokens = new HashMap<>();

    float[] losses(Samples samples, ModelOps model) {
        return ofSamples.computeIfAbsent(samples, model::losses);
    }

    float[][] tokenLosses(Samples samples, ModelOps model) {
        return ofTokens.computeIfAbsent(samples, model::tokenLosses);
    }
}
