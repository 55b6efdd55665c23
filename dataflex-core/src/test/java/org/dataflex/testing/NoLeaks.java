package org.dataflex.testing;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListenerAdapter;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test that leaves native arrays behind, or a gradient collector open.
 *
 * <p>Use it with {@code @ExtendWith(NoLeaks.class)} on every test that starts the engine. {@link
 * #cap} finds the leak's place: it makes attaching to the trainer's manager an exception.
 */
public final class NoLeaks implements BeforeEachCallback, AfterEachCallback {

    private static final ExtensionContext.Namespace STORE =
            ExtensionContext.Namespace.create(NoLeaks.class);

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
    public void beforeEach(ExtensionContext context) {
        context.getStore(STORE).put("arrays", arrays());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        int before = context.getStore(STORE).get("arrays", Integer.class);
        int after = arrays();
        if (after != before) {
            throw new AssertionError(
                    (after - before)
                            + " native arrays more than before the test, "
                            + after
                            + " now");
        }
        Engine.getInstance().newGradientCollector().close(); // throws if one is open
    }
}
