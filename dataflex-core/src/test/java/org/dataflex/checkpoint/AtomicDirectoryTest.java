package org.dataflex.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicDirectoryTest {

    @TempDir Path parent;

    private AtomicDirectory directory(String name) throws IOException {
        return new AtomicDirectory(parent.resolve(name), "a poem", "verse"::equals);
    }

    private static AtomicDirectory.Content verse(String text) {
        return draft -> Files.writeString(draft.resolve("verse"), text);
    }

    private List<String> siblings() throws IOException {
        try (Stream<Path> files = Files.list(parent)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void save_twice_replacesWhole() throws IOException {
        AtomicDirectory poem = directory("poem");
        poem.requireWritable();
        assertEquals(List.of(), siblings());
        poem.save(verse("one"));
        poem.save(verse("two"));
        assertEquals("two", Files.readString(poem.path().resolve("verse")));
        assertEquals(List.of("poem"), siblings());
    }

    @Test
    void save_thatFails_leavesTheEarlierOneAndNoDraft() throws IOException {
        AtomicDirectory poem = directory("poem");
        poem.save(verse("one"));
        for (Exception thrown : List.of(new IOException("full"), new IllegalStateException("no"))) {
            assertThrows(
                    thrown.getClass(),
                    () ->
                            poem.save(
                                    draft -> {
                                        verse("two").writeTo(draft);
                                        if (thrown instanceof IOException e) {
                                            throw e;
                                        }
                                        throw (IllegalStateException) thrown;
                                    }));
            assertEquals("one", Files.readString(poem.path().resolve("verse")));
            assertEquals(List.of("poem"), siblings());
        }
    }

    /** With a name so long that there is none beside it, as a mount point cannot be renamed. */
    private AtomicDirectory immovable() throws IOException {
        String name = "n".repeat(248);
        Files.createDirectory(parent.resolve(name));
        return directory(name);
    }

    @Test
    void requireWritable_aDirectoryThatCannotBeRenamed_isRefused() throws IOException {
        AtomicDirectory fixed = immovable();
        Exception e = assertThrows(FileSystemException.class, fixed::requireWritable);
        String start = fixed.path() + ": cannot be replaced as a whole; name a directory inside it";
        assertTrue(e.getMessage().startsWith(start), e.getMessage());
        assertEquals(List.of(fixed.path().getFileName().toString()), siblings());
    }

    @Test
    void save_whatCannotTakeItsPlace_staysBeside() throws IOException {
        AtomicDirectory fixed = immovable();
        Exception e = assertThrows(FileSystemException.class, () -> fixed.save(verse("one")));
        Path draft = parent.resolve("." + fixed.path().getFileName() + ".draft");
        String start =
                fixed.path()
                        + ": what was saved cannot take its place and stays in "
                        + draft
                        + ": ";
        assertTrue(e.getMessage().startsWith(start), e.getMessage());
        assertEquals("one", Files.readString(draft.resolve("verse")));
        assertTrue(Files.isDirectory(fixed.path()));
    }

    @Test
    void aLinkToNothing_isRefused() throws IOException {
        Path link = Files.createSymbolicLink(parent.resolve("link"), parent.resolve("nowhere"));
        AtomicDirectory poem = directory("link");
        String message = link + ": is a link to nothing; remove it or name its end";
        Exception e = assertThrows(FileSystemException.class, poem::requireWritable);
        assertEquals(message, e.getMessage());
        e = assertThrows(FileSystemException.class, () -> poem.save(verse("one")));
        assertEquals(message, e.getMessage());
    }

    @Test
    void requireWritable_anEarlierSave_staysAsItIs() throws IOException {
        AtomicDirectory poem = directory("poem");
        poem.save(verse("one"));
        poem.requireWritable();
        assertEquals("one", Files.readString(poem.path().resolve("verse")));
        assertEquals(List.of("poem"), siblings());
    }

    @Test
    void save_afterAKilledOne_startsFromWhatItLeft() throws IOException {
        AtomicDirectory poem = directory("poem");
        poem.save(verse("one"));
        Files.move(poem.path(), parent.resolve(".poem.previous"));
        Files.createDirectories(parent.resolve(".poem.draft/half"));
        assertThrows(
                IOException.class,
                () ->
                        poem.save(
                                draft -> {
                                    throw new IOException("full");
                                }));
        assertEquals("one", Files.readString(poem.path().resolve("verse")));
        assertEquals(List.of("poem"), siblings());
    }

    @Test
    void requireWritable_filesThatWouldBeLost_areNamed() throws IOException {
        AtomicDirectory poem = directory("poem");
        poem.save(verse("one"));
        Files.createFile(poem.path().resolve("b"));
        Files.createFile(poem.path().resolve("a"));
        String message =
                poem.path()
                        + ": saving replaces this directory, and it holds what is no part of a"
                        + " poem: a, b";
        assertEquals(message, refusal(poem));
        assertEquals(
                message,
                assertThrows(FileSystemException.class, () -> poem.save(verse("two")))
                        .getMessage());
    }

    @Test
    void requireWritable_aFileInTheWay_isNamed() throws IOException {
        Path file = Files.createFile(parent.resolve("file"));
        assertEquals(file + ": is not a directory", refusal(directory("file")));
        Path below = file.resolve("poem");
        String said = refusal(directory("file/poem"));
        assertTrue(said.startsWith(below + ": cannot be written: java.nio.file."), said);
    }

    /** A directory that nobody may write to, not even the superuser. */
    @Test
    void requireWritable_directoryThatTakesNoFiles_isNamed() throws IOException {
        Path closed = Path.of("/proc/self");
        assumeTrue(Files.isDirectory(closed));
        AtomicDirectory poem = new AtomicDirectory(closed.resolve("poem"), "a poem", f -> true);
        String said = refusal(poem);
        assertTrue(said.startsWith("/proc/self/poem: cannot be written: java.nio.file."), said);
    }

    private static String refusal(AtomicDirectory directory) {
        return assertThrows(FileSystemException.class, directory::requireWritable).getMessage();
    }

    @Test
    void constructor_root_isRefused() {
        Path root = parent.getRoot();
        Exception e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> new AtomicDirectory(root, "a poem", f -> true));
        assertEquals(root + " cannot be replaced", e.getMessage());
    }
}
