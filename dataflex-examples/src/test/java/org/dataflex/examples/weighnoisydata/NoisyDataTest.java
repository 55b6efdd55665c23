package org.dataflex.examples.weighnoisydata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.dataflex.data.TokenSequences;
import org.dataflex.examples.corpus.TextDomain;
import org.junit.jupiter.api.Test;

class NoisyDataTest {

    private static final List<TextDomain> DOMAINS = List.of(domain("a", 90), domain("b", 75));

    /** Each document is a window of 128 bytes, its end included, unlike all others. */
    private static TextDomain domain(String name, int documents) {
        return new TextDomain(
                name, "test", texts(name, documents, 127), texts("held-out " + name, 3, 128));
    }

    private static List<String> texts(String name, int documents, int bytes) {
        return IntStream.range(0, documents)
                .mapToObj(
                        i ->
                                (name + " " + i + " the quick brown fox ")
                                        .repeat(9)
                                        .substring(0, bytes))
                .toList();
    }

    private static NoisyData data(double noise, long seed) throws IOException {
        return NoisyData.of(DOMAINS, 60, noise, seed);
    }

    private static List<String> windows(TokenSequences some) {
        return LongStream.range(0, some.size())
                .mapToObj(i -> Arrays.toString(some.ids(i)))
                .toList();
    }

    /** What a window is made of, in whatever order. */
    private static List<String> sorted(TokenSequences some) {
        return LongStream.range(0, some.size())
                .mapToObj(i -> Arrays.toString(Arrays.stream(some.ids(i)).sorted().toArray()))
                .toList();
    }

    @Test
    void of_corruptsTheShareThatIsAskedFor() throws IOException {
        for (double noise : new double[] {0, 0.1, 0.3, 0.99}) {
            NoisyData data = data(noise, 1);
            assertEquals(60, data.clean().size() + data.corrupted().size());
            assertEquals(Math.round(60 * noise), data.corrupted().size());
            assertEquals(60, data.training().pool().size());
        }
    }

    @Test
    void of_cleanWindowsAreText_corruptedOnesAreTextsShuffled() throws IOException {
        NoisyData noisy = data(0.3, 1);
        NoisyData text = data(0, 1);
        Set<String> originals = Set.copyOf(windows(text.clean()));
        assertTrue(originals.containsAll(windows(noisy.clean())));
        windows(noisy.corrupted()).forEach(w -> assertTrue(!originals.contains(w), w));
        List<String> bytes = new ArrayList<>(sorted(noisy.clean()));
        bytes.addAll(sorted(noisy.corrupted()));
        assertEquals(
                sorted(text.clean()).stream().sorted().toList(), bytes.stream().sorted().toList());
    }

    @Test
    void of_whatIsNotTrainedOn_isCleanAndOtherText() throws IOException {
        NoisyData noisy = data(0.99, 1);
        NoisyData text = data(0, 1);
        assertEquals(windows(text.target()), windows(noisy.target()));
        assertEquals(windows(text.reference()), windows(noisy.reference()));
        assertEquals(16, noisy.target().size());
        assertEquals(64, noisy.reference().size());
        Set<String> all = new TreeSet<>(windows(text.clean()));
        all.addAll(windows(text.target()));
        all.addAll(windows(text.reference()));
        assertEquals(60 + 16 + 64, all.size());
        noisy.heldOut()
                .values()
                .forEach(
                        set ->
                                windows((TokenSequences) set)
                                        .forEach(w -> assertTrue(!all.contains(w), w)));
        assertEquals(
                Set.of("a", "b"), noisy.heldOut().keySet().stream().collect(Collectors.toSet()));
    }

    @Test
    void of_followsFromTheSeed() throws IOException {
        assertEquals(windows(data(0.3, 1).clean()), windows(data(0.3, 1).clean()));
        assertEquals(windows(data(0.3, 1).corrupted()), windows(data(0.3, 1).corrupted()));
        assertNotEquals(
                Set.copyOf(sorted(data(0.3, 1).corrupted())),
                Set.copyOf(sorted(data(0.3, 2).corrupted())));
    }

    @Test
    void of_tooLittleText_isRefused() {
        assertEquals(
                "domain 'b' has 75 training windows of 128 bytes, 76 are needed; give it more text,"
                        + " or train for fewer steps",
                assertThrows(IOException.class, () -> NoisyData.of(DOMAINS, 72, 0.3, 1))
                        .getMessage());
    }
}
