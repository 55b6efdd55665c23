package org.dataflex.examples.finetune;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
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
 * ten, by its content, is held out, of two or more at least one.
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
        List<Sample> samples = new ArrayList<>();
        int tooLong = 0;
        DatasetFile dataset = DatasetFile.of("instructions", file, DatasetLayout.alpaca());
        try (SampleReader reader = SampleReader.open(dataset)) {
            for (var read = reader.next(); read != null; read = reader.next()) {
                Turn turn = lastTurn(read);
                EncodedTurn encoded = encode(file, read.row(), turn, template);
                if (encoded.prompt().length + encoded.response().length > maxLength) {
                    tooLong++;
                } else {
                    samples.add(new Sample(encoded, draw(turn)));
                }
            }
        }
        return split(samples, tooLong);
    }

    /** A sample, and what it is drawn by. */
    private record Sample(EncodedTurn encoded, long draw) {

        void addTo(TokenSequences.Builder sequences) {
            int[] ids = concat(encoded.prompt(), encoded.response());
            sequences.add(ids, encoded.prompt().length);
        }
    }

    private static long draw(Turn turn) {
        return Seeds.of(turn.prompt() + "\n\n" + turn.response());
    }

    private static InstructionFile split(List<Sample> samples, int tooLong) {
        Set<Sample> heldOut = heldOut(samples);
        TokenSequences.Builder training = TokenSequences.builder();
        TokenSequences.Builder measured = TokenSequences.builder();
        samples.forEach(s -> s.addTo(heldOut.contains(s) ? measured : training));
        return new InstructionFile(training.build(), measured.build(), tooLong);
    }

    /** One in ten by its draw; of few samples, those that come nearest to it. */
    private static Set<Sample> heldOut(List<Sample> samples) {
        Comparator<Sample> order =
                Comparator.comparingLong((Sample s) -> Math.floorMod(s.draw(), HELD_OUT_ONE_IN))
                        .thenComparingLong(Sample::draw);
        long drawn =
                samples.stream().filter(s -> Math.floorMod(s.draw(), HELD_OUT_ONE_IN) == 0).count();
        long count = Math.max(1, Math.min(samples.size() - 1, drawn));
        Set<Sample> heldOut = Collections.newSetFromMap(new IdentityHashMap<>());
        if (samples.size() > 1) {
            samples.stream().sorted(order).limit(count).forEach(heldOut::add);
        }
        return heldOut;
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

    private static int[] concat(int[] first, int[] second) {
        int[] joined = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, joined, first.length, second.length);
        return joined;
    }
}
