package org.dataflex.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.dataflex.data.SampleSet;
import org.dataflex.model.BoundedVocabulary;

/**
 * Finds samples with tokens that the model does not know, before one is met in the midst of a run.
 *
 * <p>Reads every token once, on all cores. Of a stream nothing is there to read yet.
 */
final class VocabularyCheck {

    private final int vocabulary;
    private final List<String> problems = new ArrayList<>();

    private VocabularyCheck(int vocabulary) {
        this.vocabulary = vocabulary;
    }

    /** Returns a line for each set with such samples. */
    static List<String> problems(RunSettings settings) {
        if (settings.model == null
                || !(settings.model.getBlock() instanceof BoundedVocabulary block)) {
            return List.of();
        }
        VocabularyCheck check = new VocabularyCheck(block.vocabularySize());
        if (settings.pool != null && settings.stream == null) {
            check.set("the pool", settings.pool);
        }
        settings.validationSets.forEach(
                (name, set) -> check.set("validation set '" + name + "'", set));
        settings.ownTargets().forEach(check::set);
        return check.problems;
    }

    private void set(String name, SampleSet set) {
        LongStream.range(0, set.size())
                .parallel()
                .filter(i -> set.largestToken(i) >= vocabulary)
                .findFirst()
                .ifPresent(
                        i ->
                                problems.add(
                                        "%s has the token %d in sample %d, and the model knows %d tokens; encode it by the model's own tokenizer, or raise vocabularySize"
                                                .formatted(
                                                        name, set.largestToken(i), i, vocabulary)));
    }
}
