package org.dataflex.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DraftsTest {

    @TempDir Path directory;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void save_twoFiles_areThereTogetherBesideOthers() throws IOException {
        Files.writeString(directory.resolve("notes"), "kept");
        new Drafts(directory, Drafts::open).add("a", bytes("1")).add("b", bytes("2")).save();
        assertEquals(List.of("a", "b", "notes"), files());
        assertEquals("1", Files.readString(directory.resolve("a")));
        assertEquals("2", Files.readString(directory.resolve("b")));
    }

    @Test
    void save_secondFileFails_leavesTheFirstAsItWas() throws IOException {
        new Drafts(directory, Drafts::open).add("a", bytes("old")).save();
        Drafts failing =
                new Drafts(directory, SafetensorsFiles.diskOf(5))
                        .add("a", bytes("new"))
                        .add("b", bytes("new"));
        IOException e = assertThrows(IOException.class, failing::save);
        assertEquals(
                "cannot save "
                        + directory.resolve("b")
                        + ": no space left; what was saved before is unchanged",
                e.getMessage());
        assertEquals(List.of("a"), files());
        assertEquals("old", Files.readString(directory.resolve("a")));
    }

    /** Linux has a device that is always full. */
    @Test
    void save_deviceThatIsFull_saysSo() throws IOException {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full));
        Drafts drafts =
                new Drafts(directory, file -> FileChannel.open(full, StandardOpenOption.WRITE));
        IOException e = assertThrows(IOException.class, drafts.add("a", bytes("new"))::save);
        assertTrue(e.getMessage().contains("No space left on device; what was"), e::getMessage);
        assertEquals(List.of(), files());
    }

    @Test
    void save_targetThatIsAFile_isRefused() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        Drafts drafts = new Drafts(file, Drafts::open).add("a", bytes("new"));
        assertEquals(
                file + ": is not a directory",
                assertThrows(FileSystemException.class, drafts::save).getMessage());
    }

    @Test
    void deleteOthers_removesWhatMatchesAndIsNotOfThisSave() throws IOException {
        new Drafts(directory, Drafts::open)
                .add("w1", bytes("1"))
                .add("w2", bytes("2"))
                .add("notes", bytes("3"))
                .save();
        Drafts drafts = new Drafts(directory, Drafts::open).add("w1", bytes("new"));
        drafts.save();
        drafts.deleteOthers("w\\d");
        assertEquals(List.of("notes", "w1"), files());
    }
}
