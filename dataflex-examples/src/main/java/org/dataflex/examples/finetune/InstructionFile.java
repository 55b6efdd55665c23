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
import org.dataflex.data.template.Template;
import org.dataflex.data.template.Template.EncodedTurn;
import org.dataflex.math.Seeds;

/**
 * A file of instructions, JSON or JSON lines: {@code instruction}, {@code input} (may be empty or
 * missing) and {@code output}; earlier turns and a system prompt are not looked at.
 *
 * <p>The prompt of a sample is the instruction and the input on a line of its own; a template puts
 * it and the output together. Only the output's tokens and what ends it are targets. One sample in
 * ten, by its content, is held out.
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
     * @param template what encodes a sample
     * @param maxLength tokens a sample may have
     * @return its samples
     * @throws IOException if the file cannot be read or a row is not an instruction; the message
     *     names the row
     */
    public static InstructionFile read(Path file, Template template, int maxLength)
            throws IOException {
        TokenSequences.Builder training = TokenSequences.builder();
        TokenSequences.Builder heldOut = TokenSequences.builder();
        int tooLong = 0;
        DatasetFile dataset = DatasetFile.of("instructions", file, DatasetLayout.alpaca());
        try (SampleReader reader = SampleReader.open(dataset)) {
            for (var read = reader.next(); read != null; read = reader.next()) {
                Turn turn = lastTurn(read);
                EncodedTurn encoded = encode(file, read.row(), turn, template);
                int[] ids = concat(encoded.prompt(), encoded.response());
                if (ids.length > maxLength) {
                    tooLong++;
                    continue;
                }
                (isHeldOut(turn) ? heldOut : training).add(ids, encoded.prompt().length);
            }
        }
        return new InstructionFile(training.build(), heldOut.build(), tooLong);
    }

    private static Turn lastTurn(SampleReader.Placed read) {
        List<Turn> turns = ((Conversation) read.sample()).turns();
        return turns.get(turns.size() - 1);
    }

    private static EncodedTurn encode(Path file, long row, Turn turn, Template template)
            throws IOException {
        try {
            Conversation asked = Conversation.of(turn.prompt(), turn.response());
            EncodedTurn encoded = template.encode(asked).get(0);
            if (encoded.response().length == 0) {
                throw new IllegalArgumentException("the template leaves its output out");
            }
            return encoded;
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " row " + row + ": " + e.getMessage(), e);
        }
    }

    private static boolean isHeldOut(Turn turn) {
        long seed = Seeds.of(turn.prompt() + "\n\n" + turn.response());
        return Math.floorMod(seed, HELD_OUT_ONE_IN) == 0;
    }

    private static int[] concat(int[] first, int[] second) {
        int[] joined = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, joined, first.length, second.length);
        return joined;
    }
}
