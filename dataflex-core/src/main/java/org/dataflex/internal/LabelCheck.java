package org.dataflex.internal;

import java.util.ArrayList;
import java.util.List;
import org.dataflex.data.Domain;
import org.dataflex.data.Samples;

/**
 * Finds domains and sets without anything to predict, before their losses of 0 are taken for
 * answers.
 *
 * <p>Some samples of a set may be so. Of a stream nothing is there to read yet.
 */
final class LabelCheck {

    private LabelCheck() {}

    /** Returns a line for each such set. */
    static List<String> problems(RunSettings settings) {
        List<String> problems = new ArrayList<>();
        if (settings.pool != null && settings.stream == null) {
            for (Domain domain : settings.pool.domains()) {
                Samples own = settings.pool.samples(domain);
                check("domain '" + domain + "' of the pool", own, problems);
            }
        }
        settings.validationSets.forEach(
                (name, set) -> check("validation set '" + name + "'", Samples.all(set), problems));
        return problems;
    }

    private static void check(String name, Samples samples, List<String> problems) {
        if (samples.size() > 0
                && samples.indices().stream().noneMatch(samples.source()::hasTarget)) {
            problems.add(
                    name
                            + " has no sample with a token to predict; mark answers as targets, or"
                            + " take other samples");
        }
    }
}
