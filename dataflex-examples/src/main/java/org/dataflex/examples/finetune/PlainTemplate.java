package org.dataflex.examples.finetune;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.dataflex.data.format.Conversation;
import org.dataflex.data.template.Template;
import org.dataflex.lm.TextTokenizer;

/** The form of instructions for models without a chat template: prompt, empty line, response. */
public final class PlainTemplate implements Template {

    private final TextTokenizer tokenizer;
    private final int[] end;

    /**
     * Makes the template.
     *
     * @param tokenizer the model's
     * @param endOfText the tokens that end a text; the first ends each response, if there is one
     */
    public PlainTemplate(TextTokenizer tokenizer, List<Integer> endOfText) {
        this.tokenizer = tokenizer;
        this.end = endOfText.stream().limit(1).mapToInt(id -> id).toArray();
    }

    /** Encodes a conversation of one turn; a system prompt is left out. */
    @Override
    public List<EncodedTurn> encode(Conversation conversation) {
        if (conversation.turns().size() != 1) {
            throw new IllegalArgumentException(
                    conversation.turns().size() + " turns, must be one without a chat template");
        }
        Conversation.Turn turn = conversation.turns().get(0);
        int[] response =
                Stream.of(tokenizer.encodePlain(turn.response()), end)
                        .flatMapToInt(Arrays::stream)
                        .toArray();
        return List.of(new EncodedTurn(prompt(turn.prompt() + "\n\n"), response));
    }

    /** Begins as the tokenizer begins a text, and does not end as it may end one. */
    private int[] prompt(String text) {
        IntStream bos = IntStream.of(tokenizer.encode("")).limit(tokenizer.addsBos() ? 1 : 0);
        return IntStream.concat(bos, IntStream.of(tokenizer.encodePlain(text))).toArray();
    }

    @Override
    public String fingerprint() {
        return "plain " + Arrays.toString(end);
    }
}
