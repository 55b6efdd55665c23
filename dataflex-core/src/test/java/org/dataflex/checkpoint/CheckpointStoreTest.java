package org.dataflex.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointStoreTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir Path directory;

    @Test
    void newest_withoutAny_isEmpty() throws Exception {
        assertEquals(Optional.empty(), store(2).newest());
        assertEquals(Optional.empty(), new CheckpointStore(directory.resolve("none"), 1).newest());
    }

    @Test
    void save_thenLoad_isTheSame() throws Exception {
        Path saved = store(2).save(checkpoint(500));
        assertEquals(directory.resolve("step-000000500"), saved);
        assertEquals(Optional.of(saved), store(2).newest());
        Checkpoint loaded = store(2).load(saved);
        assertEquals(500, loaded.step());
        assertEquals(checkpoint(500).state(), loaded.state());
        assertArrayEquals(new double[] {500, 0.1}, loaded.model().get("w").toDoubles());
        assertArrayEquals(new double[] {1}, loaded.optimizer().get("m/w").toDoubles());
        assertArrayEquals(new long[] {3, 4}, loaded.strategies().get("rows/0").toLongs());
    }

    @Test
    void save_keepsTheNewestOnly_byNumberNotByName() throws Exception {
        for (long step : new long[] {5, 999_999_999L, 1_000_000_000L, 1_000_000_001L}) {
            store(2).save(checkpoint(step));
        }
        try (Stream<Path> entries = Files.list(directory)) {
            assertEquals(
                    List.of("step-1000000000", "step-1000000001"),
                    entries.map(p -> p.getFileName().toString()).sorted().toList());
        }
        assertEquals("step-1000000001", store(2).newest().get().getFileName().toString());
    }

    @Test
    void save_sameStepAgain_replaces() throws Exception {
        store(2).save(checkpoint(5));
        store(2).save(checkpoint(5));
        assertEquals(5, store(2).load(store(2).newest().get()).step());
    }

    @Test
    void draft_leftByAKilledRun_isNotACheckpoint() throws Exception {
        Path whole = store(2).save(checkpoint(5));
        Path draft = Files.createDirectory(directory.resolve(".step-000000010.draft"));
        Files.writeString(draft.resolve("model.safetensors"), "half");
        assertEquals(Optional.of(whole), store(2).newest());
        store(2).save(checkpoint(10));
        assertFalse(Files.exists(draft));
        assertEquals(10, store(2).load(store(2).newest().get()).step());
    }

    @Test
    void save_fullDisk_leavesTheEarlierOnesAndNoDraft() throws Exception {
        for (long step : new long[] {5, 10}) { // another step, and the same again
            Path whole = store(1).save(checkpoint(step));
            byte[] manifest = Files.readAllBytes(whole.resolve("manifest.json"));
            for (long bytes : new long[] {0, 100, 300, size(whole) - 1}) {
                CheckpointStore full =
                        new CheckpointStore(directory, 1, SafetensorsFiles.diskOf(bytes));
                IOException e = assertThrows(IOException.class, () -> full.save(checkpoint(10)));
                assertTrue(e.getMessage().startsWith("cannot save " + directory), e::getMessage);
                assertTrue(
                        e.getMessage()
                                .endsWith(": no space left; what was saved before is unchanged"),
                        e::getMessage);
                assertEquals(List.of(whole.getFileName().toString()), files(directory));
                assertArrayEquals(manifest, Files.readAllBytes(whole.resolve("manifest.json")));
                assertEquals(step, store(1).load(whole).step());
            }
        }
    }

    @Test
    void save_equalCheckpoints_areEqualToTheByte() throws Exception {
        Path one = new CheckpointStore(directory.resolve("one"), 1).save(checkpoint(5));
        Path other = new CheckpointStore(directory.resolve("other"), 1).save(checkpoint(5));
        assertEquals(5, files(one).size());
        assertEquals(files(one), files(other));
        for (String file : files(one)) {
            assertArrayEquals(
                    Files.readAllBytes(one.resolve(file)), Files.readAllBytes(other.resolve(file)));
        }
    }

    private static long size(Path directory) throws IOException {
        long size = 0;
        for (String file : files(directory)) {
            size += Files.size(directory.resolve(file));
        }
        return size;
    }

    private static List<String> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void load_anyFileDamagedOrMissing_namesIt() throws Exception {
        for (String file :
                List.of(
                        "model.safetensors",
                        "optimizer.safetensors",
                        "strategies.safetensors",
                        "state.json",
                        "manifest.json")) {
            Path saved = store(2).save(checkpoint(5));
            flipLastByte(saved.resolve(file));
            refused(saved, file);
            saved = store(2).save(checkpoint(5));
            Files.delete(saved.resolve(file));
            refused(saved, file + " is missing");
        }
    }

    @Test
    void load_otherVersion_isRefused() throws Exception {
        Path saved = store(2).save(checkpoint(5));
        Path manifest = saved.resolve("manifest.json");
        Files.writeString(
                manifest, Files.readString(manifest).replace("\"version\" : 1", "\"version\" : 9"));
        CheckpointException e = assertThrows(CheckpointException.class, () -> store(2).load(saved));
        assertEquals(saved + " has version 9; this library reads version 1", e.getMessage());
    }

    private void refused(Path saved, String problem) {
        CheckpointException e = assertThrows(CheckpointException.class, () -> store(2).load(saved));
        assertTrue(e.getMessage().contains("checkpoint " + saved + " is damaged"), e::getMessage);
        assertTrue(e.getMessage().contains(problem), e::getMessage);
        assertTrue(e.getMessage().contains("delete that directory"), e::getMessage);
    }

    private static void flipLastByte(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 1;
        Files.write(file, bytes);
    }

    private CheckpointStore store(int kept) {
        return new CheckpointStore(directory, kept);
    }

    private static Checkpoint checkpoint(long step) {
        return new Checkpoint(
                step,
                JSON.createObjectNode().put("optimizerUpdates", 3),
                Map.of("w", Tensor.of(new double[] {step, 0.1})),
                Map.of("m/w", Tensor.of(new double[] {1})),
                Map.of("rows/0", Tensor.of(new long[] {3, 4})));
    }
}
