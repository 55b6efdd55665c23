package org.dataflex.internal;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.util.HashMap;
import java.util.Map;

/** What strategy calls that see the model in the same state have in common. */
final class Update implements AutoCloseable {

    private final RunSettings settings;
    private final NDManager scope;
    private final boolean withinStep;
    private final Map<Model, KnownAnswers> known = new HashMap<>();

    /**
     * Begins an update.
     *
     * @param settings the run's
     * @param parent of the update's manager
     * @param withinStep whether a step's gradients are being collected, so that no others may be
     */
    Update(RunSettings settings, NDManager parent, boolean withinStep) {
        this.withinStep = withinStep;
        this.settings = settings;
        this.scope = parent.newSubManager();
    }

    RunSettings settings() {
        return settings;
    }

    /** The parent of the managers of the calls. */
    NDManager scope() {
        return scope;
    }

    boolean withinStep() {
        return withinStep;
    }

    KnownAnswers known(Model model) {
        return known.computeIfAbsent(model, any -> new KnownAnswers(settings.pool, scope));
    }

    @Override
    public void close() {
        scope.close();
    }
}
