package org.dataflex.selectors.reward;

import java.util.Objects;

/**
 * An answer to rate.
 *
 * @param prompt the text that was answered
 * @param text the answer, without the tokens that end it
 * @param reference what the right answer is, or null if the prompt has none
 */
public record Answer(String prompt, String text, String reference) {

    /** Rejects null, but for the reference. */
    public Answer {
        Objects.requireNonNull(prompt, "prompt");
        Objects.requireNonNull(text, "text");
    }

    /** Returns the reference, which the reward needs. */
    String requiredReference(String reward) {
        if (reference == null) {
            throw new IllegalArgumentException(
                    "reward "
                            + reward
                            + " needs a reference, and prompt '"
                            + Excerpt.of(prompt)
                            + "' has none; add one or choose another reward");
        }
        return reference;
    }
}
