package org.dataflex.selectors;

import java.util.Map;
import java.util.stream.LongStream;
import org.dataflex.data.SampleSet;

/** The tokens of target samples that a model learns to predict, and that gradients come from. */
final class TargetTokens {

    private TargetTokens() {}

    /**
     * Refuses target sets whose gradients are 0, towards which no candidate points.
     *
     * @param targets the sets by name
     * @throws IllegalArgumentException if in all of a set's samples there is nothing to predict
     */
    static void requireAny(Map<String, SampleSet> targets) {
        targets.forEach(
                (name, set) -> {
                    boolean isEmpty = set.size() == 0; // the trainer refuses it itself
                    if (!isEmpty && LongStream.range(0, set.size()).noneMatch(set::hasTarget)) {
                        throw new IllegalArgumentException(
                                "target set '%s' has no token to predict in any of its %d samples, and so no gradient; mark answers as targets, and cut none of them off"
                                        .formatted(name, set.size()));
                    }
                });
    }
}
