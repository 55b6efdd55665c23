package org.dataflex.data.format;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A stream of files that lines are appended to: a {@code .txt} or {@code .jsonl} file, or all such
 * files of a directory, in the order of their names; other names are passed over.
 *
 * <p>Only whole lines are read: one that is half written waits for its end. A file that is new in
 * the directory is read from its start; one that has been read may be deleted, but not be made
 * shorter or written anew. What was read is recognised by the {@value FollowedFile#TAIL_BYTES}
 * bytes before the place up to which it was read.
 *
 * <p>A position is a JSON object: of each file the bytes and lines that were read, and the hash of
 * the last of them.
 */
public final class FollowedFiles implements SampleStream {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path path;
    private final DatasetLayout layout;

    private FollowedFiles(Path path, DatasetLayout layout) {
        this.path = path;
        this.layout = layout;
    }

    /**
     * Follows a file or a directory.
     *
     * @param path a file named {@code .txt} or {@code .jsonl}, or a directory; it may be empty
     * @param layout how the rows are laid out; without a column of ids
     * @return the stream
     * @throws NoSuchFileException if there is neither
     * @throws IllegalArgumentException if the file's name ends otherwise, or the layout names ids
     */
    public static FollowedFiles of(Path path, DatasetLayout layout) throws NoSuchFileException {
        if (!Files.exists(path)) {
            throw new NoSuchFileException(
                    path.toString(), null, "there is nothing to follow; make it, if only empty");
        }
        if (!Files.isDirectory(path) && !isFollowed(path)) {
            throw new IllegalArgumentException(
                    path
                            + " is not a .txt or .jsonl file, to which lines can be appended; write"
                            + " one of these");
        }
        if (layout.column("id") != null) {
            throw new IllegalArgumentException(
                    "column '"
                            + layout.column("id")
                            + "' holds ids, and a stream cannot remember all it has seen; leave"
                            + " columns.id out");
        }
        return new FollowedFiles(path, layout);
    }

    private static boolean isFollowed(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".txt") || name.endsWith(".jsonl");
    }

    @Override
    public String name() {
        return path + " " + layout;
    }

    @Override
    public boolean isText() {
        return layout.format() == DatasetLayout.Format.TEXT;
    }

    @Override
    public Arrivals read(String after, int limit) throws IOException {
        Map<String, FollowedFile.Place> places = places(after);
        List<TextSample> samples = new ArrayList<>();
        List<String> invalid = new ArrayList<>();
        for (Path file : files()) {
            String name = file.getFileName().toString();
            FollowedFile.Place place = places.getOrDefault(name, FollowedFile.Place.START);
            int left = limit - samples.size() - invalid.size();
            FollowedFile.Lines lines = new FollowedFile(file).read(place, left);
            parse(file, place, lines.bytes(), samples, invalid);
            places.put(name, lines.end());
        }
        return new Arrivals(samples, invalid, JSON.writeValueAsString(places));
    }

    private static Map<String, FollowedFile.Place> places(String position) throws IOException {
        return position.equals(START)
                ? new TreeMap<>()
                : JSON.readValue(
                        position, new TypeReference<TreeMap<String, FollowedFile.Place>>() {});
    }

    private List<Path> files() throws IOException {
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        try (Stream<Path> found = Files.list(path)) {
            return found.filter(Files::isRegularFile)
                    .filter(FollowedFiles::isFollowed)
                    .sorted()
                    .toList();
        }
    }

    private void parse(
            Path file,
            FollowedFile.Place start,
            byte[] lines,
            List<TextSample> samples,
            List<String> invalid)
            throws IOException {
        RowFormat format = RowFormat.of(layout);
        try (Rows rows =
                Rows.openLines(
                        file, new ByteArrayInputStream(lines), start.bytes(), start.lines())) {
            for (Rows.Row row = rows.next(); row != null; row = rows.next()) {
                try {
                    samples.add(format.sample(row.fields()));
                } catch (IllegalArgumentException e) {
                    invalid.add(file + " " + row.where() + ": " + e.getMessage());
                }
            }
        }
    }
}
