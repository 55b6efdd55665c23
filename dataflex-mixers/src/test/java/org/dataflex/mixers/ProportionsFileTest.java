package org.dataflex.mixers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.dataflex.data.Domain;
import org.dataflex.strategy.Mixer;
import org.dataflex.strategy.Mixture;
import org.dataflex.strategy.Strategies;
import org.dataflex.testing.FakePool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProportionsFileTest {

    @TempDir Path directory;

    @Test
    void write_thenRead_givesTheSameBitsInTheSameOrder() throws Exception {
        Path file = directory.resolve("mixture.json");
        ProportionsFile.write(file, mixture("old", 1));
        List<Domain> domains = List.of(new Domain("wiki"), new Domain("a, b = c"));
        ProportionsFile.write(file, Mixture.of(domains, 1 / 3.0, 1 - 1 / 3.0));
        assertEquals(
                "{wiki=" + 1 / 3.0 + ", a, b = c=" + (1 - 1 / 3.0) + "}",
                ProportionsFile.read(file).toString());
        assertEquals(
                "wiki=" + 1 / 3.0 + ",a, b = c=" + (1 - 1 / 3.0),
                StaticMixer.ofFile(file).settings().get("proportions"));
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(1, files.count());
        }
    }

    private static Mixture mixture(String domain, double share) {
        return Mixture.of(List.of(new Domain(domain)), share);
    }

    @Test
    void read_whatIsNoDistribution_isRefused() throws Exception {
        assertRefused("[0.5, 0.5]", " is damaged: it is not a JSON object");
        assertRefused(
                "{\"wiki\": \"half\"}", ": the share of 'wiki' is \"half\", must be a number");
        assertRefused("{\"wiki\": 0.5}", ": proportions sum to 0.5, must sum to 1: {wiki=0.5}");
        assertRefused("{\"wiki\": 1.5}", ": proportion of wiki = 1.5, must be in [0, 1]");
        assertRefused("{}", ": proportions sum to 0.0, must sum to 1: {}");
        Path missing = directory.resolve("missing.json");
        assertEquals(
                missing + ": there is no such proportions file",
                assertThrows(IOException.class, () -> ProportionsFile.read(missing)).getMessage());
    }

    private void assertRefused(String content, String problem) throws IOException {
        Path file = Files.writeString(directory.resolve("bad.json"), content);
        assertEquals(
                file + problem,
                assertThrows(IOException.class, () -> ProportionsFile.read(file)).getMessage());
    }

    @Test
    void staticMixer_fileOfOtherDomains_isRefusedBeforeTraining() throws Exception {
        Path file = directory.resolve("mixture.json");
        ProportionsFile.write(file, mixture("wiki", 1));
        Mixer mixer =
                Strategies.create(Mixer.class, "static", Map.of("proportions", "file:" + file));
        assertEquals(
                "a proportion is given for 'wiki', which is no domain; the pool has [d0, d1]",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> mixer.check(FakePool.ofSizes(1, 2)))
                        .getMessage());
        ProportionsFile.write(file, mixture("d0", 1));
        Mixer partial =
                Strategies.create(Mixer.class, "static", Map.of("proportions", "file:" + file));
        assertEquals(
                "no proportion is given for 'd1', only for [d0]; a proportion of 0 leaves a domain"
                        + " out",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> partial.check(FakePool.ofSizes(1, 2)))
                        .getMessage());
    }

    @Test
    void createByName_missingFile_isNamed() {
        Path missing = directory.resolve("missing.json");
        assertEquals(
                "mixer 'static': setting proportions: "
                        + missing
                        + ": there is no such proportions file",
                assertThrows(
                                IllegalArgumentException.class,
                                () ->
                                        Strategies.create(
                                                Mixer.class,
                                                "static",
                                                Map.of("proportions", "file:" + missing)))
                        .getMessage());
    }
}
