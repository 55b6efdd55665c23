package org.dataflex.data.format;

import java.util.ArrayList;
import java.util.List;

/**
 * A conversation: what the user says and what the model shall answer, in turns.
 *
 * @param system what the model is told first; empty for nothing
 * @param turns at least one; the last is what the sample is about, those before are its history
 */
public record Conversation(String system, List<Turn> turns) implements TextSample {

    /**
     * What is said and answered.
     *
     * @param prompt the user's words, may be empty
     * @param response the model's, not empty
     */
    public record Turn(String prompt, String response) {

        /** Rejects an empty response. */
        public Turn {
            if (response.isEmpty()) {
                throw new IllegalArgumentException("the response is empty");
            }
        }
    }

    /** Copies the turns and rejects none. */
    public Conversation {
        turns = List.copyOf(turns);
        if (turns.isEmpty()) {
            throw new IllegalArgumentException("a conversation without turns");
        }
    }

    /**
     * Makes a conversation of one turn.
     *
     * @param prompt the user's words
     * @param response the model's, not empty
     * @return the conversation, without a system prompt
     */
    public static Conversation of(String prompt, String response) {
        return new Conversation("", List.of(new Turn(prompt, response)));
    }

    @Override
    public List<String> texts() {
        List<String> texts = new ArrayList<>(List.of(system));
        for (Turn turn : turns) {
            texts.add(turn.prompt());
            texts.add(turn.response());
        }
        return texts;
    }
}
