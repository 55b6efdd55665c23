package org.dataflex.examples.finetune;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.dataflex.data.TokenSequences;
import org.dataflex.data.format.Conversation;
import org.dataflex.data.format.Conversation.Turn;
import org.dataflex.data.format.DatasetFile;
import org.dataflex.data.format.DatasetLayout;
import org.dataflex.data.format.SampleReader;
import org.dataflex.lm.TextTokenizer;
import org.dataflex.math.Seeds;

/**
 * A file of instructions, JSON or JSON lines: {@code instruction}, {@code input} (may be empty or
 * missing) and {@code output}; earlier turns and a system prompt are not looked at.
 *
 * <p>A sample is the instruction, the input on a line of its own, an empty line, and the output;
 * only the output's tokens and the end of text are targets. One sample in ten, by its content, is
 * held out.
 *
 * @param training samples to train on
 * @param heldOut samples to measure on
 * @param tooLong how many samples were left out because they are longer than the limit
 */
public record InstructionFile(TokenSequences training, TokenSequences heldOut, int tooLong) {

    private static final int HELD_OUT_ONE_IN = 10;

    /**
     * Reads and tokenizes a file.
     *
     * @param file the file
     * @param tokenizer the model's
     * @param endOfText the tokens that end a text; the first is appended to each output
     * @param maxLength tokens a sample may have
     * @return its samples
     * @throws IOException if the file cannot be read or a row is not an instruction; the message
     *     names the row
     */
    public static InstructionFile read(
            Path file, TextTokenizer tokenizer, List<Integer> endOfText, int maxLength)
            throws IOException {
        int[] end = endOfText.stream().limit(1).mapToInt(id -> id).toArray();
        TokenSequences.Builder training = TokenSequences.builder();
        TokenSequences.Builder heldOut = TokenSequences.builder();
        int tooLong = 0;
        DatasetFile dataset = DatasetFile.of("instructions", file, DatasetLayout.alpaca());
        try (SampleReader reader = SampleReader.open(dataset)) {
            for (var read = reader.next(); read != null; read = reader.next()) {
                Conversation conversation = (Conversation) read.sample();
                Turn turn = conversation.turns().get(conversation.turns().size() - 1);
                String text = turn.prompt() + "\n\n";
                int[] prompt = tokenizer.encode(text);
                int[] output = concat(tokenizer.encodePlain(turn.response()), end);
                if (prompt.length + output.length > maxLength) {
                    tooLong++;
                    continue;
                }
                boolean held =
                        Math.floorMod(Seeds.of(text + turn.response()), HELD_OUT_ONE_IN) == 0;
                (held ? heldOut : training).add(concat(prompt, output), prompt.length);
            }
        }
        return new InstructionFile(training.build(), heldOut.build(), tooLong);
    }

    private static int[] concat(int[] first, int[] second) {
        int[] joined = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, joined, first.length, second.length);
        return joined;
    }
}
