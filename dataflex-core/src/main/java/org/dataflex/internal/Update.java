package org.dataflex.internal;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.util.HashMap;
import java.util.Map;
import org.dataflex.data.Samples;

/** What the strategy calls between two steps have in common: the model does not change. */
final class Update {

    private final RunSettings settings;
    private final NDManager parent;
    private final Map<Model, Map<Samples, float[]>> losses = new HashMap<>();

    /**
     * Begins an update.
     *
     * @param settings the run's
     * @param parent of the managers of the calls
     */
    Update(RunSettings settings, NDManager parent) {
        this.settings = settings;
        this.parent = parent;
    }

    RunSettings settings() {
        return settings;
    }

    NDManager parent() {
        return parent;
    }

    Map<Samples, float[]> sharedLosses(Model model) {
        return losses.computeIfAbsent(model, any -> new HashMap<>());
    }
}
