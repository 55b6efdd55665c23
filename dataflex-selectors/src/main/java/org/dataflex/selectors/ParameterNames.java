package org.dataflex.selectors;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.dataflex.strategy.Settings;

/** Which parameters count, as a regular expression in settings. */
final class ParameterNames {

    private ParameterNames() {}

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
