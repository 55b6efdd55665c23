package org.dataflex.examples;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Selects for a target among a few texts made here, and tries what cannot work. */
@ExtendWith(NoLeaks.class)
class SelectForTargetTest {

    private static final List<String> SELECTORS =
            List.of(
                    "random",
                    "loss",
                    "delta-loss",
                    "NEAR",
                    "TSDS",
                    "LESS",
                    "cluster-less",
                    "NICE",
                    "GREATS");

    @TempDir private Path directory;
    private Path data;
    private Path output;

    @BeforeEach
    void writeTexts() throws IOException {
        data = directory.resolve("texts.jsonl");
        output = directory.resolve("runs");
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 160; i++) {
            lines.append("{\"text\":\"" + i + " + 1 = " + (i + 1) + "\",\"category\":\"sums\"}\n");
            lines.append("{\"instruction\":\"say " + i + "\",\"output\":\"word\",");
            lines.append("\"domain\":\"" + (i % 2 == 0 ? "even" : "odd") + "\"}\n");
        }
        Files.writeString(data, lines);
    }

    private String[] arguments(String... more) {
        List<String> all = new ArrayList<>(List.of("--data", data.toString()));
        all.addAll(List.of("--output", output.toString(), "--steps", "3"));
        all.addAll(List.of("--pretraining-steps", "5"));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    private String refused(int exit, String... more) {
        return Printed.whenRefused(exit, new SelectForTarget(), arguments(more));
    }

    @Test
    void run_comparesAllSelectorsAndDrawsThem() throws IOException {
        String printed =
                Printed.by(
                        () ->
                                SelectForTarget.main(
                                        arguments("--category", "sums", "--seeds", "2")));
        assertTrue(
                printed.contains(
                        "216 candidates of 3 categories, 56 of them (25.9 %) of sums; 32 targets,"
                                + " 40 held out; 3 steps, 2 seeds"),
                printed);
        Path page = output.resolve("select-for-target/comparison.html");
        String html = Files.readString(page);
        assertTrue(html.contains("<svg"));
        for (String selector : SELECTORS) {
            assertTrue(printed.contains(System.lineSeparator() + selector + " "), selector);
            assertTrue(html.contains(">" + selector + "<"), selector);
        }
        assertTrue(printed.contains("the baseline"), printed);
        assertTrue(printed.contains("pictures: " + page), printed);
    }

    @Test
    void run_wordNetAndOneSeed_saysThatItProvesNothing() {
        String printed =
                Printed.by(
                        () ->
                                SelectForTarget.main(
                                        new String[] {
                                            "--steps",
                                            "1",
                                            "--pretraining-steps",
                                            "8",
                                            "--seeds",
                                            "1",
                                            "--candidates",
                                            "400",
                                            "--output",
                                            output.toString()
                                        }));
        assertTrue(printed.contains("of noun.food; 32 targets"), printed);
        assertTrue(printed.contains("one seed proves nothing"), printed);
    }

    @Test
    void run_unknownCategory_namesSome() {
        assertTrue(
                refused(1, "--category", "poems")
                        .contains(
                                "--category = poems: no text has it; name one of the texts' 3"
                                        + " categories, the largest are sums, even, odd"));
    }

    @Test
    void run_tooFewSamples_isRefused() {
        assertTrue(
                refused(1, "--category", "even", "--seeds", "2")
                        .contains(
                                "--category = even has 80 different texts, too few for 2 target"
                                        + " sets of 32, held-out samples and candidates; name a"
                                        + " larger one, or lower --seeds"));
    }

    @Test
    void run_moreStepsThanCandidates_isRefused() {
        assertTrue(
                refused(1, "--category", "sums", "--seeds", "1", "--candidates", "60")
                        .contains(
                                "--steps = 3 trains on 48 samples, more than half of the 60"
                                        + " candidates; lower --steps or give more candidates"));
    }

    @Test
    void run_badLines_areNamed() throws IOException {
        Files.writeString(data, "{\"text\":\"a\",\"category\":\"b\"}\n\n{\"text\":\"c\"}\n");
        assertTrue(
                refused(1, "--category", "b")
                        .contains(
                                "--data: "
                                        + data
                                        + " line 3: no category; name it 'category' or 'domain'"));
        Files.writeString(data, "{\"category\":\"b\"}\n");
        assertTrue(
                refused(1, "--category", "b")
                        .contains(
                                data
                                        + " line 1: no text; name it 'text', or 'instruction',"
                                        + " 'input' and 'output'"));
        Files.writeString(data, "{\"text\":\"a\",\"category\":\"b\"}\n{\"text\":\n");
        String broken = refused(1, "--category", "b").strip();
        assertTrue(broken.contains("--data: " + data + " line 2: Unexpected end-of-input"), broken);
        assertTrue(broken.endsWith("; write one JSON object a line"), broken);
        Files.delete(data);
        String missing = refused(1, "--category", "b");
        assertTrue(missing.contains("--data: " + data + ": there is no such text file"), missing);
    }

    @Test
    void run_numbersOutOfRange_areRefused() {
        assertTrue(
                refused(2, "--category", "sums", "--length", "2000000000")
                        .contains("--length = 2000000000, must be in [2, 4096]"));
        assertTrue(
                refused(1, "--category", "sums", "--seeds", "2000000000")
                        .contains(
                                "--category = sums has 160 different texts, too few for 2000000000"));
    }

    @Test
    void run_textsThatAreNone_areRefused() throws IOException {
        Files.writeString(data, "\n \n");
        String blank = refused(1, "--category", "b");
        assertTrue(
                blank.contains("--data: " + data + " has no texts; write one JSON object a line"),
                blank);
        Files.writeString(data, "{\"text\":\"\\ud800\",\"category\":\"b\"}\n");
        String half = refused(1, "--category", "b");
        assertTrue(half.contains("--data: " + data + " line 1: "), half);
        Files.writeString(data, "{\"text\":\"a\",\"category\":\"b\"} {}\n");
        String more = refused(1, "--category", "b");
        assertTrue(
                more.contains(
                        data
                                + " line 1: more follows behind the end; write one JSON object a line"),
                more);
    }

    @Test
    void run_pretrainsOnAFolder() throws IOException {
        Path corpus = Files.createDirectory(directory.resolve("corpus"));
        Files.writeString(
                corpus.resolve("a.train.jsonl"), "{\"text\":\"" + "so ".repeat(50) + "\"}");
        Files.writeString(corpus.resolve("b.train.jsonl"), "{\"text\":\"nor\"}\n");
        Files.writeString(corpus.resolve("b.valid.jsonl"), "not read");
        String printed =
                Printed.by(
                        () ->
                                SelectForTarget.main(
                                        arguments(
                                                "--category",
                                                "sums",
                                                "--seeds",
                                                "1",
                                                "--pretrain",
                                                corpus.toString())));
        assertTrue(printed.contains("pretraining: 5 steps on 5 samples of 2 domains"), printed);
    }

    @Test
    void run_badFolders_areNamed() throws IOException {
        Path corpus = directory.resolve("corpus");
        String[] options = {"--category", "sums", "--seeds", "1", "--pretrain", corpus.toString()};
        String missing = refused(1, options);
        assertTrue(
                missing.contains(
                        "--pretrain: "
                                + corpus
                                + " is not a folder; name one of files *.train.jsonl"),
                missing);
        Files.createDirectory(corpus);
        String empty = refused(1, options);
        assertTrue(
                empty.contains(
                        "--pretrain: "
                                + corpus
                                + " has no file *.train.jsonl; name another folder"),
                empty);
        Path unnamed = Files.writeString(corpus.resolve(".train.jsonl"), "{\"text\":\"a\"}");
        String nameless = refused(1, options);
        assertTrue(
                nameless.contains(
                        "--pretrain: " + unnamed + " has no name before .train.jsonl; give it one"),
                nameless);
        Files.delete(unnamed);
        Path file = Files.writeString(corpus.resolve("a.train.jsonl"), "{\"words\":\"a\"}\n");
        String bad = refused(1, options);
        assertTrue(bad.contains("--pretrain: " + file + " line 1: no text; name it 'text'"), bad);
        assertFalse(Files.exists(output));
    }

    @Test
    void run_badOptions_areNamed() {
        assertTrue(
                refused(2)
                        .startsWith(
                                "--category is missing; name the category of --data that is the"
                                        + " target"));
        for (String option : List.of("--steps", "--seeds", "--candidates", "--pretraining-steps")) {
            String message = Printed.whenRefused(2, new SelectForTarget(), option, "0");
            assertTrue(message.startsWith(option + " = 0, must be at least 1"), message);
        }
        assertTrue(
                Printed.whenRefused(2, new SelectForTarget(), "--length", "1")
                        .startsWith("--length = 1, must be in [2, 4096]"));
        assertFalse(Files.exists(output));
    }
}
