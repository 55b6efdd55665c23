package org.dataflex.examples.finetune;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.dataflex.data.TokenSequences;
import org.dataflex.examples.corpus.JsonLines;
import org.dataflex.lm.TextTokenizer;
import org.dataflex.math.Seeds;

/**
 * A file of instructions, one JSON object a line: {@code instruction}, {@code input} (may be empty
 * or missing) and {@code output}.
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

    /** One line of the file. */
    private record Instruction(String prompt, String output) {}

    /**
     * Reads and tokenizes a file.
     *
     * @param file the file
     * @param tokenizer the model's
     * @param endOfText the tokens that end a text; the first is appended to each output
     * @param maxLength tokens a sample may have
     * @return its samples
     * @throws IOException if the file cannot be read or a line is not an instruction; the message
     *     names the line
     */
    public static InstructionFile read(
            Path file, TextTokenizer tokenizer, List<Integer> endOfText, int maxLength)
            throws IOException {
        int[] end = endOfText.stream().limit(1).mapToInt(id -> id).toArray();
        TokenSequences.Builder training = TokenSequences.builder();
        TokenSequences.Builder heldOut = TokenSequences.builder();
        int tooLong = 0;
        for (Instruction one : JsonLines.read(file, InstructionFile::instruction)) {
            int[] prompt = tokenizer.encode(one.prompt());
            int[] output = concat(tokenizer.encodePlain(one.output()), end);
            if (prompt.length + output.length > maxLength || output.length == end.length) {
                tooLong++;
                continue;
            }
            boolean held =
                    Math.floorMod(Seeds.of(one.prompt() + one.output()), HELD_OUT_ONE_IN) == 0;
            (held ? heldOut : training).add(concat(prompt, output), prompt.length);
        }
        return new InstructionFile(training.build(), heldOut.build(), tooLong);
    }

    private static Instruction instruction(JsonNode line) {
        for (String name : List.of("instruction", "output")) {
            if (!line.path(name).isTextual()) {
                throw new IllegalArgumentException("no text named '" + name + "'");
            }
        }
        String input = line.path("input").asText("");
        String prompt = line.path("instruction").asText() + (input.isEmpty() ? "" : "\n" + input);
        return new Instruction(prompt + "\n\n", line.path("output").asText());
    }

    private static int[] concat(int[] first, int[] second) {
        int[] joined = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, joined, first.length, second.length);
        return joined;
    }
}
