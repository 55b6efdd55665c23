package org.dataflex.data.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.dataflex.data.Domain;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.format.Conversation;
import org.dataflex.data.format.IteratedSamples;
import org.dataflex.data.format.PlainText;
import org.dataflex.data.format.SampleStream;
import org.dataflex.data.format.TextSample;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreamingPoolTest {

    private static final LetterEncoder LETTERS = new LetterEncoder("letters");

    @TempDir private Path directory;

    /** What the stream has, in all. */
    private final List<String> texts = new ArrayList<>();

    /** A stream that can be read from any place, as a file can. */
    private final class Texts implements SampleStream {

        @Override
        public String name() {
            return "texts";
        }

        @Override
        public boolean isText() {
            return true;
        }

        @Override
        public Arrivals read(String after, int limit) {
            int from = after.equals(START) ? 0 : Integer.parseInt(after);
            int to = Math.min(texts.size(), from + limit);
            List<TextSample> samples = new ArrayList<>();
            List<String> invalid = new ArrayList<>();
            for (String text : texts.subList(from, to)) {
                if (text.isEmpty()) {
                    invalid.add("an empty text");
                } else {
                    samples.add(new PlainText(text));
                }
            }
            return new Arrivals(samples, invalid, Integer.toString(to));
        }
    }

    private StreamingPoolBuilder builder() {
        return StreamingPool.builder()
                .setTokenizer(LETTERS)
                .setStream(new Texts())
                .setStore(directory.resolve("store"))
                .setWindow(4)
                .setInterval(10);
    }

    private void arrive(int number) {
        IntStream.range(0, number).forEach(i -> texts.add("t" + texts.size()));
    }

    /** The text at a position, as it comes back from the store. */
    private static String text(StreamingPool pool, long position) throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                Batch batch = pool.pool().batch(manager, SampleIndices.of(position))) {
            StringBuilder text = new StringBuilder();
            for (long id : batch.getData().head().toLongArray()) {
                text.append((char) id);
            }
            return text.substring(1, text.length() - 1);
        }
    }

    @Test
    void window_isTheNewestSamples_andPositionsStay() throws Exception {
        arrive(3);
        try (StreamingPool pool = builder().build()) {
            assertEquals(SampleIndices.range(0, 3), pool.window());
            arrive(4);
            assertEquals(-1, pool.advance(0), "taken when it was built");
            assertEquals(-1, pool.advance(5), "not due");
            assertEquals(3, pool.pool().size());
            assertEquals(4, pool.advance(10));
            assertEquals(-1, pool.advance(10), "only once");
            assertEquals(SampleIndices.range(3, 7), pool.window());
            assertEquals(7, pool.pool().size());
            assertEquals("t0", text(pool, 0));
            assertEquals("t6", text(pool, 6));
            assertEquals(List.of(new Domain("stream")), pool.pool().domains());
            assertEquals(new Domain("stream"), pool.pool().domainOf(6));
            assertEquals(7, pool.pool().samples(new Domain("stream")).size());
            assertTrue(pool.pool().isGrowing());
        }
    }

    @Test
    void batch_acrossArrivals_keepsTheOrderAndPads() throws Exception {
        texts.addAll(List.of("a", "bbb"));
        try (StreamingPool pool = builder().build()) {
            texts.add("cc");
            pool.advance(10);
            try (NDManager manager = NDManager.newBaseManager();
                    Batch batch = pool.pool().batch(manager, SampleIndices.of(2, 0, 1))) {
                assertArrayEquals(
                        new long[] {
                            '<', 'c', 'c', '>', 0, '<', 'a', '>', 0, 0, '<', 'b', 'b', 'b', '>'
                        },
                        batch.getData().head().toLongArray());
                assertEquals(List.of(2L, 0L, 1L), batch.getIndices());
                assertThrows(
                        IllegalArgumentException.class,
                        () -> pool.pool().batch(manager, SampleIndices.of()));
                assertThrows(
                        IndexOutOfBoundsException.class,
                        () -> pool.pool().batch(manager, SampleIndices.of(0, 3)));
            }
            assertEquals(4, pool.pool().length(2));
            assertThrows(IndexOutOfBoundsException.class, () -> pool.pool().length(3));
        }
    }

    @Test
    void nothingNew_leavesTheWindow_andNeverWaitsLongerThanItMay() throws Exception {
        arrive(2);
        try (StreamingPool pool = builder().optPatience(Duration.ofMillis(120)).build()) {
            String fingerprint = pool.pool().fingerprint();
            long begin = System.nanoTime();
            assertEquals(0, pool.advance(10));
            assertTrue(System.nanoTime() - begin >= 120_000_000L);
            assertEquals(SampleIndices.range(0, 2), pool.window());
            assertEquals(fingerprint, pool.pool().fingerprint());
        }
    }

    @Test
    void patience_endsWhenSomethingArrives() throws Exception {
        arrive(1);
        try (StreamingPool pool = builder().optPatience(Duration.ofHours(1)).build()) {
            Thread later =
                    new Thread(
                            () -> {
                                try {
                                    Thread.sleep(100);
                                } catch (InterruptedException e) {
                                    throw new IllegalStateException(e);
                                }
                                arrive(1);
                            });
            later.start();
            assertEquals(1, pool.advance(10));
            later.join();
        }
    }

    @Test
    void interrupt_endsTheWaiting() throws Exception {
        arrive(1);
        try (StreamingPool pool = builder().optPatience(Duration.ofHours(1)).build()) {
            Thread.currentThread().interrupt();
            assertEquals(
                    "waiting for stream 'texts' was interrupted",
                    assertThrows(InterruptedIOException.class, () -> pool.advance(10))
                            .getMessage());
            assertTrue(Thread.interrupted());
            arrive(1);
            assertEquals(1, pool.advance(10), "it may be asked again");
        }
    }

    @Test
    void firstSamples_areWaitedFor_orTheBuildFails() throws Exception {
        arrive(2);
        StreamingPoolBuilder three =
                builder().optFirstSamples(3).optPatience(Duration.ofMillis(10));
        assertEquals(
                "of the 3 samples that training begins with, 2 arrived within PT0.01S on stream"
                        + " 'texts'; start when there are more, or raise optPatience",
                assertThrows(IOException.class, three::build).getMessage());
        arrive(1);
        try (StreamingPool pool = three.build()) {
            assertEquals(3, pool.pool().size());
        }
    }

    @Test
    void limit_leavesTheRestForTheNextReading() throws Exception {
        arrive(7);
        try (StreamingPool pool = builder().optLimit(3).build()) {
            assertEquals(3, pool.pool().size());
            assertEquals(3, pool.advance(10));
            assertEquals(1, pool.advance(20));
            assertEquals(0, pool.advance(30));
        }
    }

    @Test
    void nextProcess_seesAtEachStepWhatTheFirstSaw() throws Exception {
        List<String> seen = new ArrayList<>();
        arrive(2);
        try (StreamingPool pool = builder().build()) {
            for (long step = 0; step <= 40; step++) {
                if (step == 15 || step == 36) {
                    arrive(3);
                }
                pool.advance(step);
                seen.add(pool.window() + " " + pool.pool().fingerprint());
            }
        }
        arrive(2); // between the two: to be seen where the first has not been
        for (int from : List.of(0, 11, 20, 21, 40)) {
            try (StreamingPool pool = builder().build()) {
                pool.rewind(from);
                for (long step = from; step <= 40; step++) {
                    pool.advance(step);
                    assertEquals(
                            seen.get((int) step),
                            pool.window() + " " + pool.pool().fingerprint(),
                            "step " + step + " from " + from);
                }
            }
        }
        try (StreamingPool pool = builder().build()) {
            pool.rewind(41);
            assertEquals(2, pool.advance(50));
            assertEquals("t9", text(pool, 9));
        }
    }

    @Test
    void fingerprint_isOfTheContent() throws Exception {
        arrive(2);
        String one;
        try (StreamingPool pool = builder().build()) {
            one = pool.pool().fingerprint();
            assertTrue(one.matches("\\[stream\\] [0-9a-f]{16}-2"), one);
        }
        texts.set(1, "other");
        try (StreamingPool pool = builder().setStore(directory.resolve("another")).build()) {
            assertNotEquals(one, pool.pool().fingerprint());
        }
    }

    @Test
    void killWhileArrivalsAreWritten_leavesNoneHalf() throws Exception {
        arrive(2);
        try (StreamingPool pool = builder().build()) {
            arrive(1);
            pool.advance(10);
        }
        Path journal = directory.resolve("store/arrivals.jsonl");
        String whole = Files.readString(journal);
        String first = whole.substring(0, whole.indexOf('\n') + 1);
        for (int cut = first.length(); cut < whole.length(); cut += 60) {
            Files.writeString(journal, whole.substring(0, cut));
            try (StreamingPool pool = builder().build()) { // over step-000000010 of before
                pool.rewind(5);
                assertEquals(1, pool.advance(10), "cut at " + cut);
                assertEquals("t2", text(pool, 2));
            }
            assertEquals(whole, Files.readString(journal));
        }
    }

    @Test
    void fewArrivals_areMappedAtATime() throws Exception {
        arrive(4);
        try (StreamingPool pool = builder().build()) {
            for (long step = 10; step <= 300; step += 10) {
                arrive(1);
                pool.advance(step);
                text(pool, pool.pool().size() - 1);
                text(pool, 0); // of an old selection
                assertTrue(pool.mapped() <= 5, "mapped: " + pool.mapped());
            }
            assertEquals(34, pool.pool().size());
        }
    }

    @Test
    void invalidRows_endTheTraining_orAreLeftOutAndCounted() throws Exception {
        texts.addAll(List.of("a", "", "b"));
        assertEquals(
                "an empty text",
                assertThrows(IOException.class, () -> builder().build()).getMessage());
        try (StreamingPool pool = builder().optInvalid(Invalid.LEAVE_OUT).build()) {
            assertEquals(2, pool.pool().size());
            texts.add("");
            assertEquals(0, pool.advance(10));
            arrive(1);
            assertEquals(1, pool.advance(20));
        }
        String journal = Files.readString(directory.resolve("store/arrivals.jsonl"));
        assertTrue(journal.contains("\"invalid\":1,\"firstInvalid\":\"an empty text\""), journal);
    }

    @Test
    void longTexts_areSplit() throws Exception {
        texts.add("abcdef");
        try (StreamingPool pool = builder().optCutoffLength(4).build()) {
            assertEquals(2, pool.pool().size());
            assertEquals(4, pool.maxLength());
        }
    }

    @Test
    void storeInUse_isRefused() throws Exception {
        arrive(1);
        try (StreamingPool pool = builder().build()) {
            assertEquals(
                    "the store "
                            + directory.resolve("store")
                            + " is in use by another streaming pool; close that, or choose another"
                            + " directory",
                    assertThrows(IOException.class, () -> builder().build()).getMessage());
            assertEquals(1, pool.pool().size());
        }
        builder().build().close();
    }

    @Test
    void storeOfAnotherStream_isRefused_differenceByDifference() throws Exception {
        arrive(1);
        builder().build().close();
        IOException e =
                assertThrows(
                        IOException.class,
                        () -> builder().setInterval(5).optCutoffLength(9).build());
        assertEquals(
                "the store "
                        + directory.resolve("store")
                        + " is of another stream: sequences was letters | no template |"
                        + " SequenceForm[cutoffLength=2048, tooLong=SPLIT, trainOnPrompt=false,"
                        + " maskHistory=false] and is letters | no template |"
                        + " SequenceForm[cutoffLength=9, tooLong=SPLIT, trainOnPrompt=false,"
                        + " maskHistory=false]; interval was 10 and is 5; choose another"
                        + " directory, or the same settings",
                e.getMessage());
        builder().setWindow(2).optLimit(9).build().close(); // of what is yet to come
    }

    @Test
    void damagedStore_isTold() throws Exception {
        arrive(2);
        builder().build().close();
        Path tokens = directory.resolve("store/step-000000000/samples.tokens");
        try (StreamingPool other = builder().setStore(directory.resolve("b")).build()) {
            arrive(1);
            other.advance(10);
        }
        Files.copy(
                directory.resolve("b/step-000000010/samples.tokens"),
                tokens,
                StandardCopyOption.REPLACE_EXISTING);
        try (StreamingPool pool = builder().build()) {
            assertTrue(
                    assertThrows(RuntimeException.class, () -> pool.pool().length(0))
                            .getMessage()
                            .contains("step-000000000 holds other samples than arrived, "));
        }
        Path journal = directory.resolve("store/arrivals.jsonl");
        Files.writeString(journal, "nonsense\n", StandardOpenOption.APPEND);
        assertTrue(
                assertThrows(IOException.class, () -> builder().build())
                        .getMessage()
                        .startsWith(journal + " is damaged at line 2: "));
    }

    @Test
    void storeWithoutTheStepThatIsDue_isRefused() throws Exception {
        arrive(1);
        try (StreamingPool pool = builder().build()) {
            pool.advance(20); // a run that did not ask at step 10
        }
        try (StreamingPool pool = builder().build()) {
            assertTrue(
                    assertThrows(IOException.class, () -> pool.advance(10))
                            .getMessage()
                            .contains("tells what arrived at step 20, and none at step 10; "));
        }
    }

    @Test
    void settings_areChecked() {
        assertEquals(
                "not set: setTokenizer; setStore; setStream; setWindow; setInterval",
                assertThrows(IllegalStateException.class, () -> StreamingPool.builder().build())
                        .getMessage());
        assertBad("window = -1, must be at least 1", b -> b.setWindow(-1));
        assertBad("interval = -2, must be at least 1", b -> b.setInterval(-2));
        assertBad("limit = -3, must be at least 1", b -> b.optLimit(-3));
        assertBad(
                "patience = PT-1S, must not be negative",
                b -> b.optPatience(Duration.ofSeconds(-1)));
        assertBad(
                "firstSamples = 5, must be in [1, 4]; a reading brings no more rows, see optLimit",
                b -> b.optFirstSamples(5));
        assertBad("cutoffLength = 1, must be at least 2", b -> b.optCutoffLength(1));
        Stream<Conversation> chat = Stream.of(Conversation.of("a", "b"));
        assertEquals(
                "not set: optTemplate, for the conversations",
                assertThrows(
                                IllegalStateException.class,
                                () ->
                                        builder()
                                                .setStream(
                                                        IteratedSamples.conversations(
                                                                "chat", chat::iterator))
                                                .build())
                        .getMessage());
        assertFalse(Files.exists(directory.resolve("store")));
    }

    private void assertBad(String message, UnaryOperator<StreamingPoolBuilder> change) {
        StreamingPoolBuilder bad = change.apply(builder());
        assertEquals(
                message, assertThrows(IllegalArgumentException.class, bad::build).getMessage());
    }
}
