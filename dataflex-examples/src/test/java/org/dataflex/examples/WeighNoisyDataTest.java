package org.dataflex.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeaks.class)
class WeighNoisyDataTest {

    @TempDir private Path directory;

    @Test
    void comparesAllWeighters_onAsManyCorruptedWindowsAsAsked() throws IOException {
        for (String domain : List.of("numbers", "words")) {
            write(domain + ".train.jsonl", domain, 80);
            write(domain + ".valid.jsonl", "held-out " + domain, 3);
        }
        String output = directory.resolve("runs").toString();
        String[] arguments = {
            "--data",
            directory.toString(),
            "--output",
            output,
            "--steps",
            "2",
            "--width",
            "32",
            "--layers",
            "1",
            "--seeds",
            "2",
            "--noise",
            "0.25"
        };
        String printed = Printed.by(() -> WeighNoisyData.main(arguments));
        for (String name :
                List.of("uniform", "linupper", "quadratic", "adapt", "joint", "excess-loss")) {
            assertTrue(printed.contains(System.lineSeparator() + name + " "), printed);
        }
        assertTrue(printed.contains("seed 2: 24 clean and 8 corrupted windows"), printed);
        Path page = Path.of(output, "weigh-noisy-data", "steps-2-width-32-layers-1");
        page = page.resolve("noise-0.25-seed-1").resolve("comparison.html");
        assertEquals(2, Files.readString(page).split("<figure>", -1).length - 1);
    }

    private void write(String file, String text, int documents) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < documents; i++) {
            lines.append("{\"text\": \"").append((text + " " + i + " ").repeat(20)).append("\"}\n");
        }
        Files.writeString(directory.resolve(file), lines);
    }

    @Test
    void badOptions_areNamed() {
        for (String noise : List.of("1.0", "-0.1", "NaN")) {
            String message = Printed.whenRefused(2, new WeighNoisyData(), "--noise", noise);
            assertTrue(message.startsWith("--noise = " + noise + ", must be in [0, 1)"), message);
        }
        assertTrue(
                Printed.whenRefused(2, new WeighNoisyData(), "--steps", "0")
                        .startsWith("--steps = 0, must be at least 1"));
        Path missing = directory.resolve("missing");
        assertTrue(
                Printed.whenRefused(1, new WeighNoisyData(), "--data", missing.toString())
                        .contains(missing + " is not a directory"));
    }
}
