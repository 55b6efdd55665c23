package org.dataflex.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.dataflex.data.SampleSet;

/**
 * Finds sets without anything to predict, before their losses of 0 are taken for answers.
 *
 * <p>Some samples of a set may be so. Of a stream nothing is there to read yet.
 */
final class LabelCheck {

    private LabelCheck() {}

    /** Returns a line for each such set. */
    static List<String> problems(RunSettings settings) {
        List<String> problems = new ArrayList<>();
        if (settings.pool != null && settings.stream == null) {
            check("the pool", settings.pool, problems);
        }
        settings.validationSets.forEach(
                (name, set) -> check("validation set '" + name + "'", set, problems));
        return problems;
    }

    private static void check(String name, SampleSet set, List<String> problems) {
        if (set.size() > 0 && LongStream.range(0, set.size()).noneMatch(set::hasTarget)) {
            problems.add(
                    name
                            + " has no sample with a token to predict; mark answers as targets, or"
                            + " take other samples");
        }
    }
}
