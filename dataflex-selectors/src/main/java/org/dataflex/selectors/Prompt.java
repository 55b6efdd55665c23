package org.dataflex.selectors;

import java.util.Objects;

/**
 * A text for a model to answer.
 *
 * @param text the text, which the reward is given
 * @param tokenIds its token ids, at least one
 * @param reference what the right answer is, or null
 */
public record Prompt(String text, int[] tokenIds, String reference) {

    /**
     * Copies the ids.
     *
     * @throws IllegalArgumentException if there are none
     */
    public Prompt {
        Objects.requireNonNull(text, "text");
        tokenIds = tokenIds.clone();
        if (tokenIds.length == 0) {
            throw new IllegalArgumentException(
                    "prompt '" + text + "' has no tokens, must have at least one");
        }
    }

    @Override
    public int[] tokenIds() {
        return tokenIds.clone();
    }
}
