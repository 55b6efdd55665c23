package org.dataflex.examples.corpus;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;

/**
 * The text files of one artifact on the class path.
 *
 * <p>The artifact is found by a file that it is known to hold, through the class loader, and its
 * jar is then opened and listed. So it does not matter who made the class loader: a plain class
 * path, a test runner and Maven's exec plugin all do.
 */
final class ArtifactFiles {

    private final String jarName;
    private final List<String> contents;

    private ArtifactFiles(String jarName, List<String> contents) {
        this.jarName = jarName;
        this.contents = contents;
    }

    /** Name of the jar, which tells the version: {@code lodash-4.17.21.jar}. */
    String jarName() {
        return jarName;
    }

    /** Contents of the files, in the order of their paths. */
    List<String> contents() {
        return contents;
    }

    /**
     * Reads the files of a source.
     *
     * @throws IllegalStateException if the artifact is not on the class path, is not a jar, or has
     *     none of the files
     * @throws IOException if a file cannot be read or is not UTF-8
     */
    static ArtifactFiles read(DomainSource source, ClassLoader loader) throws IOException {
        URL marker = loader.getResource(source.marker());
        if (marker == null) {
            throw unusable(source, "is not on the class path");
        }
        if (!(marker.openConnection() instanceof JarURLConnection connection)) {
            throw unusable(source, "is not a jar: " + marker);
        }
        connection.setUseCaches(false); // a cached jar belongs to others and must not be closed
        try (JarFile jar = connection.getJarFile()) {
            List<String> contents = contents(jar, source.files());
            if (contents.isEmpty()) {
                throw unusable(source, "has no file " + source.files() + " in " + jar.getName());
            }
            return new ArtifactFiles(fileName(connection.getJarFileURL()), contents);
        }
    }

    private static List<String> contents(JarFile jar, Pattern files) throws IOException {
        List<JarEntry> entries =
                jar.stream()
                        .filter(entry -> files.matcher(entry.getName()).matches())
                        .sorted(Comparator.comparing(JarEntry::getName))
                        .toList();
        List<String> contents = new ArrayList<>(entries.size());
        for (JarEntry entry : entries) {
            contents.add(content(jar, entry));
        }
        return contents;
    }

    private static String content(JarFile jar, JarEntry entry) throws IOException {
        try (InputStream in = jar.getInputStream(entry)) {
            ByteBuffer bytes = ByteBuffer.wrap(in.readAllBytes());
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw new IOException(entry.getName() + " in " + jar.getName() + " is not UTF-8", e);
        }
    }

    private static String fileName(URL jar) {
        return jar.getPath().substring(jar.getPath().lastIndexOf('/') + 1);
    }

    private static IllegalStateException unusable(DomainSource source, String why) {
        return new IllegalStateException(
                "The text of domain '%s' comes from the artifact %s, which %s. Start the example"
                                .formatted(source.domain(), source.artifact(), why)
                        + " through Maven, or add the artifact to the class path as"
                        + " dataflex-examples/pom.xml does.");
    }
}
