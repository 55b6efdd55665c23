package org.dataflex.data.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.dataflex.data.TokenSequences;
import org.dataflex.data.format.DatasetFile;
import org.dataflex.data.format.DatasetLayout;
import org.dataflex.data.template.NamedTemplate;
import org.dataflex.math.Sha256;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreparedDataTest {

    private static final LetterEncoder LETTERS = new LetterEncoder("letters");

    @TempDir private Path directory;

    private DatasetFile texts(String name, String... lines) throws IOException {
        Path file = directory.resolve(name + ".txt");
        Files.writeString(file, String.join("\n", lines));
        return DatasetFile.of(name, file, DatasetLayout.text("text"));
    }

    private DatasetFile instructions(String name, String... lines) throws IOException {
        Path file = directory.resolve(name + ".jsonl");
        Files.writeString(file, String.join("\n", lines).replace('\'', '"'));
        return DatasetFile.of(name, file, DatasetLayout.alpaca());
    }

    private PreparedDataBuilder builder() {
        return PreparedData.builder().setTokenizer(LETTERS).setStore(directory.resolve("store"));
    }

    private static List<String> show(TokenSequences sequences) {
        List<String> texts = new ArrayList<>();
        for (long i = 0; i < sequences.size(); i++) {
            int[] ids = sequences.ids(i);
            texts.add(new String(ids, 0, ids.length));
        }
        return texts;
    }

    private static void assertMessage(String expected, Exception e, Path directory) {
        assertEquals(expected, e.getMessage().replace(directory + "/", ""));
    }

    private List<Path> entries() throws IOException {
        try (Stream<Path> found = Files.list(directory.resolve("store"))) {
            return found.filter(Files::isDirectory).sorted().toList();
        }
    }

    @Test
    void domainsTargetAndEvaluationSets_areTokens() throws IOException {
        DatasetFile chat = instructions("chat", "{'instruction':'a','output':'b','system':'s'}");
        try (PreparedData data =
                builder()
                        .optTemplate(NamedTemplate.of("vanilla", LETTERS))
                        .addDomain(texts("wiki", "one", "two"))
                        .addDomain(chat)
                        .addTargetSet(texts("exam", "three"))
                        .addEvaluationSet(texts("check", "four"))
                        .build()) {
            assertEquals("[wiki, chat]", data.pool().domains().toString());
            assertEquals(3, data.pool().size());
            assertEquals(List.of("<three>"), show(data.targetSets().get("exam")));
            assertEquals(List.of("<four>"), show(data.evaluationSets().get("check")));
            assertEquals(new DatasetTally(2, 2, 0, 0, 0, 0, "", 10), data.tallies().get("wiki"));
            assertTrue(data.validationSets().isEmpty());
        }
    }

    @Test
    void tooLong_isCutLeftOutOrSplit_andCounted() throws IOException {
        DatasetFile wiki = texts("wiki", "ab", "abcdefgh");
        DatasetFile chat = instructions("chat", "{'instruction':'abcd','output':'efgh'}");
        try (PreparedData data =
                builder()
                        .optTemplate(NamedTemplate.of("vanilla", LETTERS))
                        .optCutoffLength(5)
                        .addDomain(wiki)
                        .addDomain(chat)
                        .build()) {
            assertEquals(new DatasetTally(2, 3, 1, 0, 0, 0, "", 14), data.tallies().get("wiki"));
            assertEquals(new DatasetTally(1, 1, 1, 0, 0, 0, "", 5), data.tallies().get("chat"));
        }
        try (PreparedData data =
                builder()
                        .optCutoffLength(5)
                        .optTooLong(TooLong.LEAVE_OUT)
                        .addDomain(wiki)
                        .build()) {
            assertEquals(new DatasetTally(2, 1, 0, 1, 0, 0, "", 4), data.tallies().get("wiki"));
        }
    }

    @Test
    void invalidRows_areRefusedOrCounted() throws IOException {
        DatasetFile chat =
                instructions(
                        "chat",
                        "{'instruction':'a','output':'b'}",
                        "{'instruction':'a'}",
                        "{'instruction':'c','output':''}");
        PreparedDataBuilder builder =
                builder().optTemplate(NamedTemplate.of("vanilla", LETTERS)).addDomain(chat);
        String error =
                "chat.jsonl line 2: column 'output' is missing; the row has [instruction]; rename the"
                        + " right one so, or name it in dataset_info.json as columns.response";
        assertMessage(error, assertThrows(IOException.class, builder::build), directory);
        assertTrue(entries().isEmpty(), "nothing half-made is left");
        try (PreparedData data = builder.optInvalid(Invalid.LEAVE_OUT).build()) {
            DatasetTally tally = data.tallies().get("chat");
            assertEquals(3, tally.rows());
            assertEquals(1, tally.samples());
            assertEquals(2, tally.invalid());
            assertEquals(error, tally.firstInvalid().replace(directory + "/", ""));
        }
    }

    @Test
    void maxSamples_takesTheFirst() throws IOException {
        try (PreparedData data =
                builder()
                        .optMaxSamples(2)
                        .addEvaluationSet(texts("e", "x", "y", "z"))
                        .addDomain(texts("d", "a", "b", "c"))
                        .build()) {
            assertEquals(2, data.pool().size());
            assertEquals(List.of("<x>", "<y>"), show(data.evaluationSets().get("e")));
        }
    }

    @Test
    void validation_keepsEqualContentOnOneSide_acrossDomains() throws IOException {
        String[] lines =
                IntStream.range(0, 400).mapToObj(i -> "text " + i % 100).toArray(String[]::new);
        String[] others =
                IntStream.range(50, 150).mapToObj(i -> "text " + i).toArray(String[]::new);
        try (PreparedData data =
                builder()
                        .optValidationSize(0.2)
                        .optSeed(3)
                        .addDomain(texts("a", lines))
                        .addDomain(texts("b", others))
                        .build()) {
            Set<String> held = new HashSet<>();
            data.validationSets().values().forEach(set -> held.addAll(show(set)));
            long size =
                    data.validationSets().values().stream().mapToLong(TokenSequences::size).sum();
            assertTrue(size >= 100 && size <= 105, "held out " + size);
            assertEquals(500, data.pool().size() + size);
            Set<String> all = Stream.of(lines).collect(Collectors.toSet());
            all.addAll(List.of(others));
            int onBoth = 0;
            for (String text : all) {
                long copies =
                        Stream.concat(Stream.of(lines), Stream.of(others))
                                .filter(text::equals)
                                .count();
                long copiesHeld =
                        data.validationSets().values().stream()
                                .flatMap(set -> show(set).stream())
                                .filter(("<" + text + ">")::equals)
                                .count();
                onBoth += copiesHeld == 0 || copiesHeld == copies ? 0 : 1;
            }
            assertEquals(0, onBoth);
        }
    }

    @Test
    void validation_ofANumber_dependsOnTheSeedOnly() throws IOException {
        String[] lines = IntStream.range(0, 50).mapToObj(i -> "t" + i).toArray(String[]::new);
        List<List<String>> held = new ArrayList<>();
        for (long seed : new long[] {1, 1, 2}) {
            try (PreparedData data =
                    builder()
                            .optValidationSize(5)
                            .optSeed(seed)
                            .addDomain(texts("a", lines))
                            .build()) {
                held.add(show(data.validationSets().get("a")));
            }
        }
        assertEquals(5, held.get(0).size());
        assertEquals(held.get(0), held.get(1));
        assertNotEquals(held.get(0), held.get(2));
    }

    @Test
    void sharedSamples_areRefusedUnlessAllowed() throws IOException {
        PreparedDataBuilder builder =
                builder()
                        .addDomain(texts("wiki", "one", "two"))
                        .addDomain(texts("more", "two"))
                        .addTargetSet(texts("exam", "x", "y", "two"));
        assertEquals(
                "domain 'wiki' and target set 'exam' share a sample: row 2 of the one is row 3 of"
                        + " the other; leave it out of one, or allow it by optSharedSamples(true)",
                assertThrows(IllegalArgumentException.class, builder::build).getMessage());
        builder.optSharedSamples(true).build().close();
    }

    @Test
    void order_isThatOfTheFile_whateverTheThreads() throws IOException {
        String[] lines =
                IntStream.range(0, 3_000)
                        .mapToObj(i -> i + " " + "x".repeat(i % 300))
                        .toArray(String[]::new);
        DatasetFile dataset = texts("a", lines);
        List<String> fingerprints = new ArrayList<>();
        for (int threads : new int[] {1, 2, 7}) {
            try (PreparedData data =
                    builder()
                            .setStore(directory.resolve("store" + threads))
                            .optThreads(threads)
                            .addDomain(dataset)
                            .build()) {
                fingerprints.add(data.pool().fingerprint());
            }
        }
        assertEquals(1, Set.copyOf(fingerprints).size());
    }

    @Test
    void store_isUsedAgain_untilAnythingChanges() throws IOException {
        DatasetFile dataset = texts("a", "one", "two");
        builder().addDomain(dataset).build().close();
        List<Path> made = entries();
        FileTime time = Files.getLastModifiedTime(made.get(0).resolve("samples.tokens"));
        builder().addDomain(dataset).build().close();
        assertEquals(made, entries());
        assertEquals(time, Files.getLastModifiedTime(made.get(0).resolve("samples.tokens")));
        builder().optCutoffLength(3).addDomain(dataset).build().close();
        assertEquals(2, entries().size());
        builder().setTokenizer(new LetterEncoder("other")).addDomain(dataset).build().close();
        assertEquals(3, entries().size());
    }

    @Test
    void changedFile_isReadAnew_evenWithTheSameSizeAndTime() throws IOException {
        DatasetFile dataset = texts("a", "one", "two");
        Path file = dataset.files().get(0);
        FileTime time = Files.getLastModifiedTime(file);
        builder().addDomain(dataset).build().close();
        Files.writeString(file, "six\ntwo");
        Files.setLastModifiedTime(file, time); // within the clock's tick: not trusted
        try (PreparedData data =
                builder().addEvaluationSet(dataset).addDomain(texts("b", "x")).build()) {
            assertEquals(List.of("<six>", "<two>"), show(data.evaluationSets().get("a")));
        }
    }

    @Test
    void oldFile_isNotReadAgain() throws IOException {
        DatasetFile dataset = texts("a", "one", "two");
        Path file = dataset.files().get(0);
        Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
        builder().addDomain(dataset).build().close();
        SourceHashes hashes = SourceHashes.open(directory.resolve("store/sources.json"));
        Files.writeString(file, "six\ntwo");
        Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
        String remembered = hashes.of(file).sha256();
        Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2020-01-01T00:00:01Z")));
        assertNotEquals(remembered, hashes.of(file).sha256());
    }

    @Test
    void fileThatChangesWhileItIsRead_isRefused() throws IOException {
        DatasetFile dataset = texts("a", "one", "two");
        Path file = dataset.files().get(0);
        PreparedDataBuilder builder =
                builder()
                        .addDomain(dataset)
                        .setTokenizer(new WatchedEncoder(LETTERS, () -> append(file)));
        assertMessage(
                "a.txt was changed while it was read; start again when it is complete",
                assertThrows(IOException.class, builder::build),
                directory);
        assertTrue(entries().isEmpty());
    }

    private static void append(Path file) {
        try {
            Files.writeString(file, "more", StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void twoProcesses_wantTheSameEntry_oneMakesItAndTheOtherWaits() throws Exception {
        DatasetFile dataset = texts("a", "one", "two");
        AtomicReference<CompletableFuture<Integer>> other = new AtomicReference<>();
        Runnable startOther =
                () -> {
                    if (other.compareAndSet(null, new CompletableFuture<>())) {
                        other.set(OtherPreparation.start(directory));
                        OtherPreparation.awaitStart(directory);
                        assertFalse(Files.exists(directory.resolve(OtherPreparation.DONE)));
                    }
                };
        try (PreparedData data =
                builder()
                        .addDomain(dataset)
                        .setTokenizer(new WatchedEncoder(LETTERS, startOther))
                        .build()) {
            assertEquals(0, other.get().get());
            assertEquals(
                    data.pool().fingerprint(),
                    Files.readString(directory.resolve(OtherPreparation.DONE)));
        }
        assertEquals(1, entries().size());
    }

    @Test
    void twoThreads_wantTheSameEntry_andBothGetIt() throws Exception {
        DatasetFile dataset = texts("a", "one", "two");
        List<CompletableFuture<String>> both = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            both.add(
                    CompletableFuture.supplyAsync(
                            () -> {
                                try (PreparedData data = builder().addDomain(dataset).build()) {
                                    return data.pool().fingerprint();
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                            }));
        }
        assertEquals(both.get(0).get(), both.get(1).get());
        assertEquals(1, entries().size());
    }

    @Test
    void anotherStore_isMadeMeanwhile() throws Exception {
        DatasetFile dataset = texts("a", "one");
        PreparedDataBuilder other = builder().setStore(directory.resolve("b")).addDomain(dataset);
        Runnable prepareOther =
                () -> {
                    CompletableFuture<Void> made = CompletableFuture.runAsync(() -> build(other));
                    made.orTimeout(10, TimeUnit.SECONDS).join();
                };
        build(builder().setTokenizer(new WatchedEncoder(LETTERS, prepareOther)).addDomain(dataset));
        assertEquals(1, entries().size());
    }

    private static void build(PreparedDataBuilder builder) {
        try {
            builder.build().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void sources_areTheHashesOfTheFiles() throws IOException {
        DatasetFile dataset = texts("a", "one", "two");
        try (PreparedData data = builder().addDomain(dataset).build()) {
            assertEquals(
                    Map.of(
                            dataset.files().get(0),
                            Sha256.of(Files.readAllBytes(dataset.files().get(0)))),
                    data.sources());
        }
    }

    @Test
    void draftOfADeadProcess_isNoEntry() throws IOException {
        DatasetFile dataset = texts("a", "one", "two");
        builder().addDomain(dataset).build().close();
        Path entry = entries().get(0);
        Path draft = entry.resolveSibling("." + entry.getFileName() + ".draft");
        Files.move(entry, draft); // as far as a process came that was killed before the last move
        Files.delete(draft.resolve("tally.json"));
        try (PreparedData data = builder().addDomain(dataset).build()) {
            assertEquals(2, data.pool().size());
        }
        assertFalse(Files.exists(draft));
    }

    @Test
    void damagedEntry_isTold() throws IOException {
        DatasetFile dataset = texts("a", "one", "two");
        builder().addDomain(dataset).build().close();
        Path entry = entries().get(0);
        Files.write(entry.resolve("origins"), new byte[16]);
        IOException e = assertThrows(IOException.class, () -> builder().addDomain(dataset).build());
        assertEquals(
                entry
                        + " is damaged: 2 samples, but origins of other number; delete the"
                        + " directory, and it is made anew",
                e.getMessage());
    }

    @Test
    void settings_areChecked() throws IOException {
        DatasetFile wiki = texts("wiki", "one");
        DatasetFile chat = instructions("chat", "{'instruction':'a','output':'b'}");
        assertEquals(
                "not set: setTokenizer; setStore; addDomain; optTemplate, for the conversations",
                assertThrows(
                                IllegalStateException.class,
                                () -> PreparedData.builder().addTargetSet(chat).build())
                        .getMessage());
        assertBad("cutoffLength = 1, must be at least 2", builder().optCutoffLength(1), wiki);
        assertBad("maxSamples = 0, must be at least 1", builder().optMaxSamples(0), wiki);
        assertBad("threads = 0, must be at least 1", builder().optThreads(0), wiki);
        assertBad(
                "validationSize = 1.5, must be a share below 1 or a whole number of samples",
                builder().optValidationSize(1.5),
                wiki);
        assertBad(
                "validationSize = 1.0 leaves nothing to train on: there are 1 samples",
                builder().optValidationSize(1),
                wiki);
        assertBad(
                "trainOnPrompt and maskHistory contradict each other; choose one",
                builder().optTrainOnPrompt(true).optMaskHistory(true),
                wiki);
        assertBad(
                "tooLong = SPLIT is for texts, but 'chat' holds conversations; CUT or LEAVE_OUT"
                        + " them",
                builder()
                        .optTooLong(TooLong.SPLIT)
                        .optTemplate(NamedTemplate.of("vanilla", LETTERS)),
                chat);
        assertEquals(
                "two datasets are named 'wiki'; rename one",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> builder().addDomain(wiki).addTargetSet(wiki))
                        .getMessage());
    }

    @Test
    void datasetWithoutSamples_isRefused_withWhatBecameOfItsRows() throws IOException {
        PreparedDataBuilder empty = builder().addDomain(texts("empty", "", ""));
        assertMessage(
                "dataset 'empty' has no samples: its files have no rows; fill them or leave it out",
                assertThrows(IOException.class, empty::build),
                directory);
        PreparedDataBuilder none =
                builder()
                        .optTemplate(NamedTemplate.of("vanilla", LETTERS))
                        .optInvalid(Invalid.LEAVE_OUT)
                        .optCutoffLength(4)
                        .optTooLong(TooLong.LEAVE_OUT)
                        .addDomain(
                                instructions(
                                        "none",
                                        "{'instruction':'a','output':''}",
                                        "{'instruction':'abcdefgh','output':'b'}"));
        assertMessage(
                "dataset 'none' has no samples: of 2 rows 1 are too long, 0 have nothing to learn"
                        + " within the cut-off length, 1 are no samples (none.jsonl line 1: column"
                        + " 'output' is empty; fill it or leave the row out); raise the one or mend"
                        + " the others",
                assertThrows(IOException.class, none::build),
                directory);
    }

    private static void assertBad(
            String expected, PreparedDataBuilder builder, DatasetFile dataset) {
        assertEquals(
                expected,
                assertThrows(
                                IllegalArgumentException.class,
                                () -> builder.addDomain(dataset).build())
                        .getMessage());
    }

    @Test
    void pick_readsAtPositions() {
        TokenSequences all =
                TokenSequences.builder().add(new int[] {1}).add(new int[] {2, 3}).build();
        TokenSequences picked = all.pick(new long[] {1, 0, 1});
        assertArrayEquals(new int[] {2, 3}, picked.ids(2));
        assertEquals(1, picked.length(1));
        assertNotEquals(picked.fingerprint(), all.pick(new long[] {1, 0}).fingerprint());
        assertThrows(IndexOutOfBoundsException.class, () -> all.pick(new long[] {2}));
    }
}
