package org.dataflex.selectors;

import ai.djl.nn.Block;
import ai.djl.util.Pair;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.dataflex.strategy.Settings;

/**
 * Which parameters count: those whose name has a match.
 *
 * @param pattern the match; equal for the same instance only
 */
record ParameterNames(Pattern pattern) implements Predicate<String> {

    @Override
    public boolean test(String name) {
        return pattern.matcher(name).find();
    }

    /**
     * Refuses a block without such parameters in training.
     *
     * @param block the block
     * @throws IllegalArgumentException if no trainable parameter has a match
     */
    void check(Block block) {
        List<String> trainable =
                block.getParameters().stream()
                        .filter(p -> p.getValue().requiresGradient())
                        .map(Pair::getKey)
                        .toList();
        if (trainable.stream().noneMatch(this)) {
            throw new IllegalArgumentException(
                    "parameters = '%s' is found in the names of none of the trainable parameters, %s"
                            .formatted(pattern, trainable));
        }
    }

    /**
     * Reads the setting {@code parameters}.
     *
     * @param settings the settings
     * @param defaultValue the expression where it is not set
     * @return the expression
     * @throws IllegalArgumentException if it is none
     */
    static Pattern read(Settings settings, String defaultValue) {
        String text = settings.text("parameters", defaultValue);
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "parameters = '"
                            + text
                            + "' is not a regular expression: "
                            + e.getDescription(),
                    e);
        }
    }
}
