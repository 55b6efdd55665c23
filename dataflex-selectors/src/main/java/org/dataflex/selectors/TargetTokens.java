package org.dataflex.selectors;

import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.dataflex.data.SampleSet;
import org.dataflex.data.TokenSequences;

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
                    if (set instanceof TokenSequences texts && hasNone(texts)) {
                        throw new IllegalArgumentException(
                                "target set '%s' has no token to predict in any of its %d samples, and so no gradient; mark answers as targets, and cut none of them off"
                                        .formatted(name, texts.size()));
                    }
                });
    }

    private static boolean hasNone(TokenSequences texts) {
        return texts.size() > 0
                && LongStream.range(0, texts.size()).allMatch(i -> hasNone(texts.targets(i)));
    }

    /** The first token is never predicted. */
    private static boolean hasNone(boolean[] isTarget) {
        return IntStream.range(1, isTarget.length).noneMatch(i -> isTarget[i]);
    }
}
