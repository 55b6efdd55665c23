package org.dataflex.selectors.reward;

import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * 1 if a regular expression finds the right thing in the answer, and 0 otherwise.
 *
 * <p>An expression without groups is to be found. Of one with groups, such as {@code answer is
 * \(([A-D])\)}, the first group of the last match is to be the reference.
 *
 * @param pattern the expression
 */
public record RegularExpression(Pattern pattern) implements Reward {

    private static final String NAME = "regex";

    /** Rejects null. */
    public RegularExpression {
        Objects.requireNonNull(pattern, "pattern");
    }

    @Override
    public double of(Answer answer) {
        Matcher matcher = pattern.matcher(answer.text());
        if (matcher.groupCount() == 0) {
            return matcher.find() ? 1 : 0;
        }
        String reference = answer.requiredReference(NAME).strip();
        String last = null;
        while (matcher.find()) {
            last = matcher.group(1);
        }
        return last != null && last.strip().equals(reference) ? 1 : 0;
    }

    /** Refuses a prompt without a reference if the expression has groups. */
    @Override
    public void check(Answer unanswered) {
        of(unanswered);
    }

    @Override
    public String description() {
        return NAME + " " + pattern.pattern();
    }
}
