package org.dataflex.selectors;

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
