package org.dataflex.testing;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListenerAdapter;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestInstanceFactoryContext;
import org.junit.jupiter.api.extension.TestInstancePreConstructCallback;

/**
 * Fails a test that leaves native arrays behind, or a gradient collector open.
 *
 * <p>Use it with {@code @ExtendWith(NoLeaks.class)} on every test that starts the engine. {@link
 * #cap} finds the leak's place: it makes attaching to the trainer's manager an exception.
 */
public final class NoLeaks implements TestInstancePreConstructCallback, AfterEachCallback {

    /** Arrays before the test's instance was made, or -1 between two tests. */
    private int before = -1;

    /** Makes the extension. */
    public NoLeaks() {}

    /**
     * Returns the number of native arrays that some manager holds.
     *
     * @return the number of arrays alive in this JVM
     */
    public static int arrays() {
        try (NDManager manager = NDManager.newBaseManager()) {
            return manager.getParentManager().getManagedArrays().size();
        }
    }

    /**
     * Caps the trainer's manager from the first batch on: only managers of steps and calls may hold
     * what they make.
     *
     * @return a listener for {@code TrainingConfig.addTrainingListeners}
     */
    public static TrainingListenerAdapter cap() {
        return new TrainingListenerAdapter() {
            @Override
            public void onTrainingBatch(Trainer trainer, BatchData batchData) {
                trainer.getManager().cap();
            }
        };
    }

    @Override
    public void preConstructTestInstance(
            TestInstanceFactoryContext factory, ExtensionContext context) {
        if (before < 0) { // of a nested class the outer instance comes first
            before = arrays();
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        int difference = arrays() - before;
        before = -1;
        if (difference != 0) {
            throw new AssertionError(difference + " native arrays more than before the test");
        }
        Engine.getInstance().newGradientCollector().close(); // throws if one is open
    }
}
