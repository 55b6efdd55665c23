package org.dataflex.internal;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.dataflex.data.SampleSet;
import org.dataflex.data.TokenSequences;
import org.dataflex.math.Sha256;

/** Finds target sets that are empty, or that share samples with a validation set. */
final class TargetCheck {

    private final RunSettings settings;
    private final List<String> problems = new ArrayList<>();

    private TargetCheck(RunSettings settings) {
        this.settings = settings;
    }

    /** Says what is wrong with the strategies' target sets; empty if nothing is. */
    static List<String> problems(RunSettings settings) {
        TargetCheck check = new TargetCheck(settings);
        settings.ownTargets().forEach(check::set);
        return check.problems;
    }

    private void set(String owner, SampleSet targets) {
        if (targets.size() == 0) {
            problems.add(owner + " has no samples; fill it or leave it out");
        } else if (!settings.targetOverlap) {
            overlaps(owner, targets);
        }
    }

    private void overlaps(String owner, SampleSet targets) {
        settings.validationSets.forEach(
                (name, validation) -> {
                    long shared = shared(targets, validation);
                    if (shared > 0) {
                        problems.add(
                                owner
                                        + " shares "
                                        + shared
                                        + " of its "
                                        + targets.size()
                                        + " samples with validation set '"
                                        + name
                                        + "', which then no longer measures what is held out; take"
                                        + " them out of one of the two, or call"
                                        + " optTargetOverlap(true)");
                    }
                });
    }

    /** How many of the targets are in the validation set, as far as content can be compared. */
    private static long shared(SampleSet targets, SampleSet validation) {
        if (targets == validation || targets.fingerprint().equals(validation.fingerprint())) {
            return targets.size();
        }
        return targets instanceof TokenSequences some && validation instanceof TokenSequences all
                ? shared(some, all)
                : 0;
    }

    /**
     * Compares token ids: a prompt that is held out is so whatever of it is a target, and a target
     * may be a prompt alone.
     */
    private static long shared(TokenSequences targets, TokenSequences validation) {
        Map<String, Integer> counts = new HashMap<>();
        LongStream.range(0, targets.size())
                .forEach(i -> counts.merge(digest(targets.ids(i)), 1, Integer::sum));
        return LongStream.range(0, validation.size())
                .boxed()
                .flatMap(i -> Stream.of(validation.ids(i), prompt(validation, i)))
                .map(ids -> counts.remove(digest(ids)))
                .mapToLong(count -> count == null ? 0 : count)
                .sum();
    }

    /** The tokens before the first target. */
    private static int[] prompt(TokenSequences sequences, long index) {
        boolean[] isTarget = sequences.targets(index);
        int length = 0;
        while (length < isTarget.length && !isTarget[length]) {
            length++;
        }
        return Arrays.copyOf(sequences.ids(index), length);
    }

    private static String digest(int[] ids) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(Integer.BYTES, ids.length));
        bytes.asIntBuffer().put(ids);
        return new Sha256().update(bytes).hex();
    }
}
