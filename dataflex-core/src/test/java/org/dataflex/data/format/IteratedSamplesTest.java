package org.dataflex.data.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.stream.Stream;
import org.dataflex.data.format.SampleStream.Arrivals;
import org.junit.jupiter.api.Test;

class IteratedSamplesTest {

    private static IteratedSamples numbers() {
        return IteratedSamples.texts(
                "numbers", () -> Stream.iterate(1, i -> i + 1).map(i -> "n" + i).iterator());
    }

    private static String texts(Arrivals arrivals) {
        return arrivals.samples().stream().flatMap(s -> s.texts().stream()).toList().toString();
    }

    @Test
    void read_goesOnWhereItWas() throws IOException {
        IteratedSamples stream = numbers();
        Arrivals first = stream.read(SampleStream.START, 2);
        assertEquals("[n1, n2]", texts(first));
        assertEquals("[n3]", texts(stream.read(first.position(), 1)));
        assertTrue(stream.isText());
        assertEquals("numbers", stream.name());
    }

    @Test
    void newIterator_skipsWhatWasTaken() throws IOException {
        String position = numbers().read(SampleStream.START, 3).position();
        assertEquals("[n4, n5]", texts(numbers().read(position, 2)));
    }

    @Test
    void iteratorThatCanBeginAnywhere_isToldWhere() throws IOException {
        IteratedSamples stream =
                IteratedSamples.textsFrom("n", taken -> List.of("from " + taken).iterator());
        Arrivals first = stream.read(SampleStream.START, 5);
        assertEquals("[from 0]", texts(first));
        assertTrue(stream.read(first.position(), 5).isEmpty(), "the same iterator is asked on");
        IteratedSamples again =
                IteratedSamples.textsFrom("n", taken -> List.of("from " + taken).iterator());
        assertEquals("[from 1]", texts(again.read(first.position(), 5)));
    }

    @Test
    void queue_isAskedAgain() throws IOException {
        Queue<String> queue = new ArrayDeque<>(List.of("a"));
        Iterator<String> polling =
                new Iterator<>() {
                    @Override
                    public boolean hasNext() {
                        return !queue.isEmpty();
                    }

                    @Override
                    public String next() {
                        return queue.remove();
                    }
                };
        IteratedSamples stream = IteratedSamples.textsFrom("queue", taken -> polling);
        Arrivals first = stream.read(SampleStream.START, 5);
        assertEquals("[a]", texts(first));
        assertTrue(stream.read(first.position(), 5).isEmpty());
        queue.add("b");
        assertEquals("[b]", texts(stream.read(first.position(), 5)));
    }

    @Test
    void emptyText_isAnInvalidRow() throws IOException {
        Arrivals arrivals =
                IteratedSamples.texts("s", () -> List.of("a", "", "b").iterator())
                        .read(SampleStream.START, 9);
        assertEquals("[a, b]", texts(arrivals));
        assertEquals(List.of("stream 's' sample 2: the text is empty"), arrivals.invalid());
        assertEquals("3", arrivals.position());
    }

    @Test
    void conversations_areNoTexts() throws IOException {
        IteratedSamples stream =
                IteratedSamples.conversations(
                        "chat", () -> List.of(Conversation.of("a", "b")).iterator());
        assertFalse(stream.isText());
        assertEquals(
                List.of(Conversation.of("a", "b")), stream.read(SampleStream.START, 9).samples());
    }

    @Test
    void iteratorThatIsShorterThanBefore_isRefused() {
        IteratedSamples stream = IteratedSamples.texts("s", () -> List.of("a").iterator());
        IllegalStateException e =
                assertThrows(IllegalStateException.class, () -> stream.read("3", 1));
        assertEquals(
                "stream 's' has 1 samples, but 3 were taken before; let its iterator begin where it"
                        + " began then",
                e.getMessage());
    }
}
