package org.dataflex.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class TextFilesTest {

    @TempDir private Path directory;
    private Path path;

    @BeforeEach
    void name() {
        path = directory.resolve("text.txt");
    }

    @Test
    void read_anyText_isReadAsItIs() throws IOException {
        String text = "a\r\nGrüße, 世界 \uD83D\uDE00\u0000\n";
        Files.writeString(path, text);
        assertEquals(text, TextFiles.read(path));
    }

    @Test
    void read_byteOrderMark_isLeftOutAtTheStartOnly() throws IOException {
        Files.writeString(path, "\uFEFFa\uFEFF");
        assertEquals("a\uFEFF", TextFiles.read(path));
    }

    @Test
    void read_noFile_saysSo() {
        assertMessage(path, path + ": there is no such text file");
        assertMessage(directory, directory + " is not a file");
    }

    @Test
    void read_empty_saysSo() throws IOException {
        Files.createFile(path);
        assertMessage(path, path + " is empty");
        Files.writeString(path, "\uFEFF");
        assertMessage(path, path + " is empty");
    }

    @Test
    void read_notUtf8_namesTheFirstBadByte() throws IOException {
        assertBadByte("61 E9 62", "E9", 1); // Latin-1
        assertBadByte("FF FE 61 00", "FF", 0); // UTF-16
        assertBadByte("61 62 80", "80", 2); // a continuation without a start
        assertBadByte("61 E2 82", "E2", 1); // cut at the end
        assertBadByte("61 E2 82 41", "E2", 1); // cut in the middle
        assertBadByte("C0 80", "C0", 0); // overlong
        assertBadByte("61 ED A0 80", "ED", 1); // half a surrogate pair
        assertBadByte("F4 90 80 80", "F4", 0); // beyond the last character
        assertBadByte("EF BB BF 61 E9", "E9", 4); // counted from the start of the file
    }

    @Test
    void read_badByteFarOn_isFound() throws IOException {
        byte[] bytes = "ä".repeat(50_000).getBytes(StandardCharsets.UTF_8);
        bytes[70_000] = (byte) 0xFF;
        Files.write(path, bytes);
        assertMessage(path, path + " is not UTF-8: byte 0xFF at offset 70000; convert the file");
    }

    @Test
    @EnabledOnOs(OS.LINUX) // where a hole in a file takes no room
    void read_tooLarge_saysTheLimit() throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength((1L << 30) + 1);
        }
        assertMessage(
                path, path + " has 1073741825 bytes, more than 1 GiB; cut it into several files");
    }

    private void assertBadByte(String hex, String bad, int offset) throws IOException {
        Files.write(path, HexFormat.ofDelimiter(" ").parseHex(hex));
        assertMessage(
                path,
                path
                        + " is not UTF-8: byte 0x"
                        + bad
                        + " at offset "
                        + offset
                        + "; convert the file");
    }

    private static void assertMessage(Path path, String message) {
        assertEquals(
                message, assertThrows(IOException.class, () -> TextFiles.read(path)).getMessage());
    }
}
