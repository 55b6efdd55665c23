package org.dataflex.data.format;

import java.util.List;

/**
 * A text to learn as it is, for pretraining.
 *
 * @param text the text, not empty
 */
public record PlainText(String text) implements TextSample {

    /** Rejects an empty text. */
    public PlainText {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("the text is empty");
        }
    }

    @Override
    public List<String> texts() {
        return List.of(text);
    }
}
