package org.dataflex.examples.corpus;

import java.util.Objects;

/**
 * A short text and the category that it belongs to.
 *
 * @param text the text, not blank
 * @param category the category's name, such as {@code noun.food}
 */
public record LabelledText(String text, String category) {

    /** Refuses a missing text or category. */
    public LabelledText {
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(category, "category");
    }
}
