package org.dataflex.internal;

import java.util.ArrayList;
import java.util.List;
import org.dataflex.data.SampleSet;
import org.dataflex.model.BoundedLength;

/**
 * Finds samples that are longer than the model or a batch takes, before one is met in the midst of
 * a run.
 */
final class LengthCheck {

    private LengthCheck() {}

    /** Returns a line for each set with such samples. */
    static List<String> problems(RunSettings settings) {
        List<String> problems = new ArrayList<>();
        if (settings.model != null
                && settings.model.getBlock() instanceof BoundedLength block
                && settings.pool != null) {
            if (settings.stream == null) {
                check("the pool", settings.pool, block.maxLength(), problems);
            } else if (settings.stream.maxLength() > block.maxLength()) {
                problems.add(
                        "the streaming pool's samples may have %d tokens, and the model has %d positions; lower optCutoffLength to these, or raise maxPositions"
                                .formatted(settings.stream.maxLength(), block.maxLength()));
            }
            settings.validationSets.forEach(
                    (name, set) ->
                            check(
                                    "validation set '" + name + "'",
                                    set,
                                    block.maxLength(),
                                    problems));
            settings.ownTargets()
                    .forEach((name, set) -> check(name, set, block.maxLength(), problems));
        }
        if (settings.tokensPerBatch != null
                && settings.tokensPerBatch > 0
                && settings.pool != null) {
            checkBudget(settings.tokensPerBatch, settings.longest(), problems);
        }
        return problems;
    }

    private static void checkBudget(int tokensPerBatch, int longest, List<String> problems) {
        if (longest > tokensPerBatch) {
            problems.add(
                    ("tokensPerBatch = %d, but the pool's samples have up to %d tokens; raise the"
                                    + " one or cut the others")
                            .formatted(tokensPerBatch, longest));
        }
        if (longest <= 1) {
            problems.add(
                    "tokensPerBatch is set, but the pool's samples have no lengths; make batches by"
                            + " count, or override SampleSet.length");
        }
    }

    private static void check(String name, SampleSet set, int most, List<String> problems) {
        long tooLong = 0;
        long first = -1;
        for (long i = 0; i < set.size(); i++) {
            if (set.length(i) > most) {
                first = tooLong++ == 0 ? i : first;
            }
        }
        if (tooLong > 0) {
            problems.add(
                    ("%s has %d samples that are longer than the model's %d positions, the first is %d"
                                    + " with %d tokens; cut or leave them out, or raise maxPositions")
                            .formatted(name, tooLong, most, first, set.length(first)));
        }
    }
}
