package org.dataflex.selectors.reward;

import java.math.BigDecimal;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * 1 if the answer ends in the same number as its reference, and 0 otherwise.
 *
 * <p>The number of a text is the first after its last {@code ####}, as GSM8K marks it, or without
 * that mark its last. Commas between digits are left out; 3, 3.0, +3 and 0.3e1 are the same number,
 * and so are -0.5, -.5 and the latter with a typographic minus (U+2212).
 *
 * @see <a href="https://arxiv.org/abs/2110.14168">Cobbe et al.: Training Verifiers to Solve Math
 *     Word Problems (GSM8K), 2021</a>
 */
public record NumericAnswer() implements Reward {

    private static final String NAME = "numeric";
    private static final String MARK = "####";

    private static final char MINUS = '\u2212';

    /** A sign after a digit or a letter is an operator or a hyphen: 5-3 ends in 3. */
    private static final String SIGN = "(?:(?<![\\w)])[-+" + MINUS + "])?";

    /** A point after a letter or a point ends something: fig.5 and ...5 end in 5. */
    private static final String DIGITS =
            "(?:(?:\\d{1,3}(?:,\\d{3})+(?!\\d)|\\d+)(?:\\.\\d+)?|(?<![\\w.])\\.\\d+)";

    private static final String EXPONENT = "(?:[eE][-+" + MINUS + "]?\\d{1,9}(?!\\w))?";

    private static final Pattern NUMBER = Pattern.compile(SIGN + DIGITS + EXPONENT);

    @Override
    public double of(Answer answer) {
        BigDecimal right = right(answer);
        return number(answer.text()).filter(n -> n.compareTo(right) == 0).isPresent() ? 1 : 0;
    }

    /** Refuses a prompt without a reference that has a number. */
    @Override
    public void check(Answer unanswered) {
        right(unanswered);
    }

    private static BigDecimal right(Answer answer) {
        String reference = answer.requiredReference(NAME);
        return number(reference)
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "reward numeric needs a number, and reference '"
                                                + Excerpt.of(reference)
                                                + "' of prompt '"
                                                + Excerpt.of(answer.prompt())
                                                + "' has none"));
    }

    /** The number that a text ends in. */
    static Optional<BigDecimal> number(String text) {
        int mark = text.lastIndexOf(MARK);
        Matcher matcher = NUMBER.matcher(mark < 0 ? text : text.substring(mark + MARK.length()));
        String found = null;
        while (matcher.find() && (mark < 0 || found == null)) {
            found = matcher.group();
        }
        return Optional.ofNullable(found)
                .map(n -> new BigDecimal(n.replace(",", "").replace(MINUS, '-')));
    }

    @Override
    public String description() {
        return NAME;
    }
}
