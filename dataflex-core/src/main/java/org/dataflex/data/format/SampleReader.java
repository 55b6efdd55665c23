package org.dataflex.data.format;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/**
 * Reads the samples of a dataset, one after another; only one is in memory.
 *
 * <p>{@link #next} throws {@link InvalidSampleException} for a row that is no sample, after which
 * the next row can be read, and another {@link IOException} for what ends the reading: a file that
 * cannot be read, is not UTF-8 or not JSON. Where ids are read, 8 bytes of each stay in memory.
 */
public final class SampleReader implements Closeable {

    /**
     * A sample and its place.
     *
     * @param sample the sample
     * @param row its number in the dataset, from 1; blank lines do not count
     */
    public record Placed(TextSample sample, long row) {}

    private final DatasetFile dataset;
    private final RowFormat format;
    private final Iterator<Path> files;
    private final Map<Long, Long> rowsById = new HashMap<>();
    private Path file;
    private CountedBytes bytes;
    private Rows rows;
    private long bytesOfEarlierFiles;
    private long row;

    private SampleReader(DatasetFile dataset) {
        this.dataset = dataset;
        this.format = RowFormat.of(dataset.layout());
        this.files = dataset.files().iterator();
    }

    /**
     * Starts to read a dataset.
     *
     * @param dataset the dataset
     * @return a reader before the first row
     */
    public static SampleReader open(DatasetFile dataset) {
        return new SampleReader(dataset);
    }

    /**
     * Reads a sample.
     *
     * @return the next sample, or null after the last
     * @throws InvalidSampleException if the next row is no sample; call again to pass over it
     * @throws IOException if the file cannot be read, or is not what its name says
     */
    public Placed next() throws IOException {
        Rows.Row next = nextRow();
        if (next == null) {
            return null;
        }
        row++;
        try {
            requireNewId(next.fields());
            return new Placed(format.sample(next.fields()), row);
        } catch (IllegalArgumentException e) {
            throw new InvalidSampleException(file + " " + next.where() + ": " + e.getMessage(), e);
        }
    }

    /**
     * Tells how far the reading is.
     *
     * @return bytes read of all files so far
     */
    public long bytesRead() {
        return bytesOfEarlierFiles + (bytes == null ? 0 : bytes.count);
    }

    private Rows.Row nextRow() throws IOException {
        while (true) {
            Rows.Row next = rows == null ? null : rows.next();
            if (next != null) {
                return next;
            }
            close();
            if (!files.hasNext()) {
                return null;
            }
            file = files.next();
            bytes = new CountedBytes(Files.newInputStream(file));
            rows = Rows.open(file, bytes);
        }
    }

    private void requireNewId(JsonNode fields) {
        String column = dataset.layout().column("id");
        if (column == null) {
            return;
        }
        if (!fields.path(column).isValueNode() || !fields.hasNonNull(column)) {
            throw new IllegalArgumentException("column '" + column + "' is missing; give it an id");
        }
        String id = fields.get(column).asText();
        Long earlier = rowsById.putIfAbsent(new PlainText("id " + id).contentHash(), row);
        if (earlier != null) {
            throw new IllegalArgumentException(
                    "column '"
                            + column
                            + "' is '"
                            + id
                            + "', as in row "
                            + earlier
                            + " of the dataset; give each row an id of its own");
        }
    }

    @Override
    public void close() throws IOException {
        if (bytes != null) {
            bytes.close();
            bytesOfEarlierFiles += bytes.count;
            bytes = null;
            rows = null;
        }
    }

    /** Counts what is read. */
    private static final class CountedBytes extends FilterInputStream {

        private long count;

        CountedBytes(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] target, int from, int length) throws IOException {
            int read = super.read(target, from, length);
            count += Math.max(read, 0);
            return read;
        }
    }
}
