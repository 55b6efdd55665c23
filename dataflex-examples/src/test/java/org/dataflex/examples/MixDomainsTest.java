package org.dataflex.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dataflex.DynamicTrainer;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.examples.corpus.DomainFiles;
import org.dataflex.examples.corpus.TextDomain;
import org.dataflex.examples.mixdomains.DoReMiRuns;
import org.dataflex.examples.mixdomains.DomainRuns;
import org.dataflex.examples.quickstart.TextData;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Mixes three domains of text made here, kills and resumes, and tries what cannot work. */
@ExtendWith(NoLeaks.class)
class MixDomainsTest {

    private static final List<String> DOMAINS = List.of("numbers", "poems", "words");
    private static final int STEPS = 4;

    @TempDir private Path directory;
    private Path data;
    private Path output;

    @BeforeEach
    void writeTexts() throws IOException {
        data = Files.createDirectory(directory.resolve("data"));
        output = directory.resolve("runs");
        for (String domain : DOMAINS) {
            write(domain + ".train.jsonl", domain, 40);
            write(domain + ".valid.jsonl", "held-out " + domain, 3);
        }
        Files.writeString(data.resolve("README.md"), "passed over");
    }

    private void write(String file, String text, int documents) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < documents; i++) {
            lines.append("{\"text\": \"").append((text + " " + i + " ").repeat(20)).append("\"}\n");
        }
        Files.writeString(data.resolve(file), lines);
    }

    private String[] arguments(String... more) {
        List<String> all = new ArrayList<>(List.of("--data", data.toString()));
        all.addAll(List.of("--output", output.toString(), "--steps", String.valueOf(STEPS)));
        all.addAll(List.of("--width", "32", "--layers", "1"));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    @Test
    void mixDomains_comparesAllMixers_andASecondTimeReadsWhatIsFinished() throws IOException {
        String first = Printed.by(() -> MixDomains.main(arguments("--seeds", "2")));
        for (String part : DOMAINS) {
            assertTrue(first.contains(System.lineSeparator() + part), first);
        }
        for (String part :
                List.of(
                        "mean ",
                        "worst ",
                        "uniform - natural",
                        "DoReMi - natural",
                        "ODM - natural")) {
            assertTrue(first.contains(part), first);
        }
        Path runs = output.resolve("mix-domains/steps-4-width-32-layers-1");
        String html = Files.readString(runs.resolve("comparison.html"));
        assertTrue(html.contains("<svg"));
        assertTrue(html.contains("domain weights"));
        long steps = steps(runs.resolve("seed-1/ODM"));
        String second = Printed.by(() -> MixDomains.main(arguments("--seeds", "2")));
        assertEquals(steps, steps(runs.resolve("seed-1/ODM")));
        assertEquals(tables(first), tables(second));
    }

    private static long steps(Path run) throws IOException {
        return Files.readAllLines(run.resolve("events.jsonl")).stream()
                .filter(line -> line.contains("StepCompleted"))
                .count();
    }

    private static String tables(String printed) {
        return printed.substring(printed.indexOf("Held-out loss"));
    }

    @Test
    void doReMi_killedInAnyRun_endsAsIfItHadNotBeen() throws Exception {
        String printed = Printed.by(() -> DoReMi.main(arguments()));
        Path straight = output.resolve("doremi/steps-4-width-32-layers-1/seed-42");
        assertTrue(printed.contains("proportions: " + straight.resolve("proportions.json")));
        List<TextDomain> domains = DomainFiles.read(data);
        DomainRuns runs = new DomainRuns(TextData.of(domains), 32, 1, STEPS);
        Path resumed = directory.resolve("resumed");
        DoReMiRuns doremi =
                new DoReMiRuns(
                        domains, runs, 42, resumed.resolve("reference"), resumed.resolve("proxy"));
        kill(() -> runs.train(doremi.reference(), 42, MixDomainsTest::naturallyUntilKilled));
        kill(() -> doremi.find(MixDomainsTest::untilKilled));
        assertFalse(Files.exists(doremi.proportions()));
        doremi.find();
        doremi.trainFinal(resumed.resolve("final")).close();
        for (String file :
                List.of(
                        "proportions.json",
                        "reference/checkpoints/step-000000004/model.safetensors",
                        "proxy/checkpoints/step-000000004/strategies.safetensors",
                        "proxy/checkpoints/step-000000004/model.safetensors",
                        "final/checkpoints/step-000000004/model.safetensors")) {
            assertArrayEquals(
                    Files.readAllBytes(straight.resolve(file)),
                    Files.readAllBytes(resumed.resolve(file)),
                    file);
        }
    }

    private interface Run {
        Object run() throws Exception;
    }

    private static void kill(Run run) {
        assertEquals("killed", assertThrows(IllegalStateException.class, run::run).getMessage());
    }

    private static void naturallyUntilKilled(DynamicTrainer.Builder builder) {
        DoReMiRuns.naturally(builder);
        untilKilled(builder);
    }

    private static void untilKilled(DynamicTrainer.Builder builder) {
        builder.on(
                StepCompleted.class,
                event -> {
                    if (event.step() == 2) {
                        throw new IllegalStateException("killed");
                    }
                });
    }

    private String refused(int exit, String... more) {
        return Printed.whenRefused(exit, new MixDomains(), arguments(more));
    }

    @Test
    void data_withoutSamplesOrHeldOutSet_isRefused() throws IOException {
        Path valid = data.resolve("poems.valid.jsonl");
        Files.writeString(valid, "{\"text\": \"short\"}\n");
        assertTrue(
                refused(1)
                        .contains("domain 'poems' has no held-out document of 128 bytes or more"));
        Files.delete(valid);
        assertTrue(
                refused(1)
                        .contains(
                                "domain 'poems' has no held-out text: "
                                        + valid
                                        + " is missing or empty"));
        Path train = data.resolve("numbers.train.jsonl");
        Files.writeString(train, "\n");
        assertTrue(
                refused(1)
                        .contains(
                                "domain 'numbers' has no training text: "
                                        + train
                                        + " is missing or empty"));
        Files.writeString(train, "{\"txt\": 1}\n");
        assertTrue(refused(1).contains(train + " line 1: no text; name it 'text'"));
    }

    @Test
    void data_ofOneDomainOrNone_isRefused() throws IOException {
        for (String domain : DOMAINS.subList(1, 3)) {
            Files.delete(data.resolve(domain + ".train.jsonl"));
            Files.delete(data.resolve(domain + ".valid.jsonl"));
        }
        assertTrue(
                refused(1).contains(data + " has one domain, 'numbers'; there is nothing to mix"));
        Files.delete(data.resolve("numbers.train.jsonl"));
        Files.delete(data.resolve("numbers.valid.jsonl"));
        assertTrue(refused(1).contains(data + " has no file named DOMAIN.train.jsonl"));
        Files.delete(data.resolve("README.md"));
        Files.delete(data);
        assertTrue(refused(1).contains(data + " is not a directory"));
    }

    @Test
    void options_outOfRange_areNamed() {
        for (String option : List.of("--steps", "--layers", "--seeds")) {
            String message = Printed.whenRefused(2, new MixDomains(), option, "0");
            assertTrue(message.startsWith(option + " = 0, must be at least 1"), message);
        }
        assertTrue(
                Printed.whenRefused(2, new MixDomains(), "--width", "50")
                        .startsWith("--width = 50, must be a multiple of 32"));
        assertFalse(Files.exists(output));
    }
}
