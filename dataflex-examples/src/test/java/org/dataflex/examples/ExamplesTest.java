package org.dataflex.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dataflex.examples.finetune.InstructionFile;
import org.dataflex.lm.TextTokenizer;
import org.dataflex.lm.WeightFiles;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Each main runs a few steps on its real data and prints what it promises. */
@ExtendWith(NoLeaks.class)
class ExamplesTest {

    @Test
    void quickStart_leavesTableEventsAndPage(@TempDir Path directory) throws Exception {
        String printed =
                output(
                        () ->
                                QuickStart.main(
                                        new String[] {
                                            "--steps", "2", "--output", directory.toString()
                                        }));
        for (String domain :
                List.of(
                        "dictionary",
                        "java",
                        "javascript",
                        "json",
                        "stylesheets",
                        "timezones",
                        "mean",
                        "worst")) {
            assertTrue(printed.contains(System.lineSeparator() + domain), printed);
        }
        Path run = directory.resolve("quickstart");
        assertTrue(Files.readString(run.resolve("comparison.html")).contains("<svg"));
        String events = Files.readString(run.resolve("dynamic/events.jsonl"));
        for (String kind : List.of("mixture", "selection", "sampleweights")) {
            assertTrue(events.contains("\"kind\":\"" + kind + "\""), kind);
        }
        assertTrue(Files.exists(run.resolve("plain/run.json")));
    }

    @Test
    void quickStart_badOptions_areNamed(@TempDir Path directory) throws Exception {
        assertTrue(refused(2, "--steps", "0").startsWith("--steps = 0, must be at least 1"));
        assertTrue(refused(2, "--steps", "many").startsWith("Invalid value for option '--steps'"));
        assertTrue(refused(2, "--step", "3").startsWith("Unknown options: '--step'"));
        Path file = Files.createFile(directory.resolve("file"));
        String message = refused(1, "--output", file.toString());
        assertTrue(
                message.contains("cannot make the directory " + file.resolve("quickstart")),
                message);
        assertTrue(message.contains("; choose another --output"), message);
    }

    private static String refused(int exit, String... arguments) throws Exception {
        PrintStream before = System.err;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            assertEquals(exit, ExampleCommand.run(new QuickStart(), arguments));
        } finally {
            System.setErr(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void trainAnyDjlModel_comparesBothRuns() throws Exception {
        String printed =
                output(
                        () ->
                                TrainAnyDjlModel.main(
                                        new String[] {"--steps", "150", "--seeds", "1"}));
        assertTrue(printed.contains("all samples"), printed);
        assertTrue(printed.contains("LossSelector, low focus"), printed);
    }

    @Test
    void writeYourOwnSelector_comparesWithRandom() throws Exception {
        String printed =
                output(
                        () ->
                                WriteYourOwnSelector.main(
                                        new String[] {"--steps", "120", "--seeds", "1"}));
        assertTrue(printed.contains("random"), printed);
        assertTrue(printed.contains("SmallestMargin"), printed);
    }

    private static String output(Runnable main) throws Exception {
        PrintStream before = System.out;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            main.run();
        } finally {
            System.setOut(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** A tiny model and tokenizer made here: three layers of the example in one pass. */
    @Test
    void fineTune_writesADirectoryThatLoads(@TempDir Path directory) throws Exception {
        Path source = Files.createDirectory(directory.resolve("model"));
        TinyModelDirectory.write(source);
        Path data = directory.resolve("data.jsonl");
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            lines.append("{\"instruction\":\"count " + i + "\",\"output\":\"" + i + " is it\"}\n");
        }
        Files.writeString(data, lines);
        for (String rank : List.of("0", "4")) {
            Path output = directory.resolve("tuned-" + rank);
            String printed =
                    output(
                            () ->
                                    FineTune.main(
                                            new String[] {
                                                "--model",
                                                source.toString(),
                                                "--data",
                                                data.toString(),
                                                "--output",
                                                output.toString(),
                                                "--steps",
                                                "6",
                                                "--learning-rate",
                                                "1e-2",
                                                "--max-length",
                                                "64",
                                                "--lora",
                                                rank
                                            }));
            assertTrue(printed.contains("after 6 steps"), printed);
            assertEquals(WeightFiles.open(source).names(), WeightFiles.open(output).names());
            for (String file : List.of("config.json", "tokenizer.json")) {
                assertEquals(
                        Files.readString(source.resolve(file)),
                        Files.readString(output.resolve(file)));
            }
        }
    }

    @Test
    void instructionFile_badLines_areNamed(@TempDir Path directory) throws Exception {
        TinyModelDirectory.write(directory);
        Path data = directory.resolve("data.jsonl");
        try (TextTokenizer tokenizer = TextTokenizer.open(directory)) {
            Files.writeString(
                    data, "{\"instruction\":\"a\",\"output\":\"b\"}\n{\"instruction\":3}\n");
            assertEquals(
                    data + " line 2: no text named 'instruction'",
                    assertThrows(IOException.class, () -> InstructionFile.read(data, tokenizer, 64))
                            .getMessage());
            Files.writeString(data, "\n\nnope");
            String message =
                    assertThrows(IOException.class, () -> InstructionFile.read(data, tokenizer, 64))
                            .getMessage();
            assertTrue(message.startsWith(data + " line 3: Unrecognized token"), message);
        }
    }
}
