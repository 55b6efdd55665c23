package org.dataflex.examples.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArtifactFilesTest {

    private static final DomainSource SOURCE =
            new DomainSource(
                    "songs",
                    "org.example:songs",
                    "CC0-1.0",
                    "songs/marker",
                    Pattern.compile("songs/.*\\.txt"),
                    UnaryOperator.identity());

    @TempDir Path folder;

    @Test
    void read_ownClassLoaderAndOddPath_findsFilesInOrderOfPath() throws IOException {
        Path jar = Files.createDirectory(folder.resolve("ü 100% + #1")).resolve("songs-1.jar");
        writeJar(jar, "songs/marker", "", "songs/b.txt", "B", "songs/a.txt", "Ä", "x.txt", "X");
        try (URLClassLoader loader = loader(jar)) {
            ArtifactFiles files = ArtifactFiles.read(SOURCE, loader);
            assertEquals(List.of("Ä", "B"), files.contents());
            assertEquals("songs-1.jar", files.jarName());
        }
    }

    @Test
    void read_twice_leavesTheClassLoaderUsable() throws IOException {
        Path jar = folder.resolve("songs.jar");
        writeJar(jar, "songs/marker", "m", "songs/a.txt", "A");
        try (URLClassLoader loader = loader(jar)) {
            ArtifactFiles.read(SOURCE, loader);
            assertEquals(List.of("A"), ArtifactFiles.read(SOURCE, loader).contents());
            try (var in = loader.getResourceAsStream("songs/marker")) {
                assertEquals('m', in.read());
            }
        }
    }

    @Test
    void read_artifactMissing_namesItAndTheMend() {
        IllegalStateException e =
                assertThrows(
                        IllegalStateException.class,
                        () -> ArtifactFiles.read(SOURCE, ClassLoader.getPlatformClassLoader()));
        assertTrue(e.getMessage().contains("org.example:songs"), e.getMessage());
        assertTrue(e.getMessage().contains("pom.xml"), e.getMessage());
    }

    @Test
    void read_notAJar_throws() throws IOException {
        Files.createFile(Files.createDirectory(folder.resolve("songs")).resolve("marker"));
        try (URLClassLoader loader = loader(folder)) {
            assertThrows(IllegalStateException.class, () -> ArtifactFiles.read(SOURCE, loader));
        }
    }

    @Test
    void read_noFileMatches_throws() throws IOException {
        Path jar = folder.resolve("songs.jar");
        writeJar(jar, "songs/marker", "");
        try (URLClassLoader loader = loader(jar)) {
            assertThrows(IllegalStateException.class, () -> ArtifactFiles.read(SOURCE, loader));
        }
    }

    @Test
    void read_notUtf8_throws() throws IOException {
        Path jar = folder.resolve("songs.jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            add(out, "songs/marker", new byte[0]);
            add(out, "songs/a.txt", new byte[] {(byte) 0xE4});
        }
        try (URLClassLoader loader = loader(jar)) {
            IOException e =
                    assertThrows(IOException.class, () -> ArtifactFiles.read(SOURCE, loader));
            assertTrue(e.getMessage().contains("songs/a.txt"), e.getMessage());
        }
    }

    private static URLClassLoader loader(Path place) throws IOException {
        return new URLClassLoader(new URL[] {place.toUri().toURL()}, null);
    }

    private static void writeJar(Path jar, String... namesAndTexts) throws IOException {
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file)) {
            for (int i = 0; i < namesAndTexts.length; i += 2) {
                add(out, namesAndTexts[i], namesAndTexts[i + 1].getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    private static void add(JarOutputStream out, String name, byte[] content) throws IOException {
        out.putNextEntry(new JarEntry(name));
        out.write(content);
        out.closeEntry();
    }
}
