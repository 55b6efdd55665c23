package org.dataflex.lm;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDScope;
import java.util.function.Supplier;

/**
 * The arrays made on the way to a result.
 *
 * <p>DJL keeps every result of an operation until its manager closes, which for a forward pass is
 * after the backward pass. Autograd has its own hold on what it needs, so that the rest can go at
 * once.
 */
final class Temporaries {

    private Temporaries() {}

    /**
     * Runs a computation and frees the arrays that it made, except its results.
     *
     * <p>The results are then as if made outside: a {@link NDScope} that the caller opened frees
     * them.
     *
     * @param computation what to run; every array it makes and does not return dies
     * @return its results
     */
    static NDList freeing(Supplier<NDList> computation) {
        NDList results;
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            results = computation.get();
            NDScope.unregister(results);
        }
        results.forEach(NDScope::register);
        return results;
    }
}
