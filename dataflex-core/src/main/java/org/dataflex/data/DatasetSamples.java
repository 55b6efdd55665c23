package org.dataflex.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Sampler;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import org.dataflex.math.Seeds;
import org.dataflex.math.Sha256;

/** A DJL dataset, read by position through its own pipelines and batchifiers. */
final class DatasetSamples implements SampleSet {

    /** Names one batch, and no more. */
    private record Once(List<Long> indices) implements Sampler {

        @Override
        public Iterator<List<Long>> sample(RandomAccessDataset dataset) {
            return List.of(indices).iterator();
        }

        @Override
        public int getBatchSize() {
            return indices.size();
        }
    }

    /** Rows that a fingerprint reads, the first and the last among them. */
    private static final int FINGERPRINT_ROWS = 16;

    private final RandomAccessDataset dataset;

    /** Made when first asked for. */
    private String fingerprint;

    DatasetSamples(RandomAccessDataset dataset) {
        this.dataset = Objects.requireNonNull(dataset, "dataset");
    }

    @Override
    public long size() {
        return dataset.size();
    }

    @Override
    public Batch batch(NDManager manager, SampleIndices indices)
            throws IOException, TranslateException {
        indices.requireBatchOf(size()); // DJL would leave out what lies beyond a range's end
        NDManager own = manager.newSubManager();
        try {
            Batch read = read(own, indices.asList());
            return new Batch(
                    own,
                    read.getData().toDevice(manager.getDevice(), false),
                    read.getLabels().toDevice(manager.getDevice(), false),
                    indices.size(),
                    null,
                    null,
                    0,
                    0,
                    indices.asList());
        } catch (Throwable e) {
            own.close();
            throw e;
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>It is the dataset's class and size, and a digest of the first, the last and 14 rows
     * between, the same 14 for equal sizes. Rows that differ when they are read twice, as random
     * transforms make them, tell nothing and are left out.
     */
    @Override
    public String fingerprint() {
        if (fingerprint == null) {
            String content = content();
            fingerprint =
                    dataset.getClass().getName()
                            + " of "
                            + dataset.size()
                            + " samples, "
                            + (content.equals(content()) ? content : "varying");
        }
        return fingerprint;
    }

    private String content() {
        Sha256 digest = new Sha256();
        for (long row : fingerprintRows()) {
            try (NDManager manager = NDManager.newBaseManager()) {
                Batch batch = read(manager, List.of(row));
                addAll(digest, batch.getData());
                addAll(digest, batch.getLabels());
            } catch (IOException e) {
                throw new UncheckedIOException("sample " + row + " cannot be read", e);
            } catch (TranslateException e) {
                throw new IllegalStateException("sample " + row + " cannot be processed", e);
            }
        }
        return digest.hex().substring(0, 16);
    }

    private SortedSet<Long> fingerprintRows() {
        SortedSet<Long> rows = new TreeSet<>();
        if (size() > 0) {
            rows.add(0L);
            rows.add(size() - 1);
            for (int i = 2; i < FINGERPRINT_ROWS; i++) {
                rows.add(Math.floorMod(Seeds.mix(size(), i), size()));
            }
        }
        return rows;
    }

    private static void addAll(Sha256 digest, NDList arrays) {
        for (NDArray array : arrays) {
            digest.update((array.getDataType() + " " + array.getShape()).getBytes(UTF_8));
            digest.update(array.toByteBuffer());
        }
    }

    /** Everything that DJL's iteration allocates belongs to the manager or its descendants. */
    private Batch read(NDManager manager, List<Long> indices)
            throws IOException, TranslateException {
        try {
            return dataset.getData(manager, new Once(indices)).iterator().next();
        } catch (IllegalStateException e) { // how DJL's iterator passes on an IOException
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw e;
        }
    }
}
