package org.dataflex.data.template;

import java.util.List;
import org.dataflex.data.format.Conversation;

/** Turns conversations into token ids; may be used by several threads at once. */
public interface Template {

    /**
     * The token ids of one turn.
     *
     * @param prompt what the model is given: whatever stands before the first turn, and the user's
     *     words with what surrounds them
     * @param response what it shall answer, with what ends the answer
     */
    record EncodedTurn(int[] prompt, int[] response) {}

    /**
     * Encodes a conversation.
     *
     * @param conversation the conversation
     * @return its turns; all their ids in order are the conversation's
     * @throws IllegalArgumentException if this template cannot express the conversation
     */
    List<EncodedTurn> encode(Conversation conversation);

    /**
     * Identifies the template: what it made is made anew when this has changed.
     *
     * @return a short text that depends on everything that ids depend on, but for the tokenizer
     */
    String fingerprint();
}
