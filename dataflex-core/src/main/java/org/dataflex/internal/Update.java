package org.dataflex.internal;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.util.HashMap;
import java.util.Map;

/** What strategy calls that see the model in the same state have in common. */
final class Update {

    private final RunSettings settings;
    private final NDManager parent;
    private final boolean withinStep;
    private final Map<Model, KnownLosses> losses = new HashMap<>();

    /**
     * Begins an update.
     *
     * @param settings the run's
     * @param parent of the managers of the calls
     * @param withinStep whether a step's gradients are being collected, so that no others may be
     */
    Update(RunSettings settings, NDManager parent, boolean withinStep) {
        this.withinStep = withinStep;
        this.settings = settings;
        this.parent = parent;
    }

    RunSettings settings() {
        return settings;
    }

    NDManager parent() {
        return parent;
    }

    boolean withinStep() {
        return withinStep;
    }

    KnownLosses known(Model model) {
        return losses.computeIfAbsent(model, any -> new KnownLosses());
    }
}
