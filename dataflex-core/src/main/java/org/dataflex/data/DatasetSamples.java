package org.dataflex.data;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Sampler;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;

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

    private final RandomAccessDataset dataset;

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

    @Override
    public String fingerprint() {
        return dataset.getClass().getName() + " of " + dataset.size() + " samples";
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
