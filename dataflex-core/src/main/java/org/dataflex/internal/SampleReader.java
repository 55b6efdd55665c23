package org.dataflex.internal;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.function.Function;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.Samples;

/** Reads some of the samples that a question is about, a batch at a time. */
record SampleReader(NDManager scope) {

    /** The indices of the samples at some places. */
    static SampleIndices at(Samples samples, int[] places) {
        return SampleIndices.of(Arrays.stream(places).mapToLong(samples.indices()::get).toArray());
    }

    /**
     * Lets a function see a batch.
     *
     * @param samples samples
     * @param places which of them
     * @param use what it returns must hold no native memory of the batch
     * @return what {@code use} returns
     */
    <T> T read(Samples samples, int[] places, Function<Batch, T> use) {
        return read(new Samples(samples.source(), at(samples, places)), use);
    }

    /** Lets a function see samples as one batch. */
    <T> T read(Samples samples, Function<Batch, T> use) {
        try (Batch batch = samples.source().batch(scope, samples.indices())) {
            return use.apply(batch);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (TranslateException e) {
            throw new UncheckedIOException(new IOException(e));
        } finally {
            FreedMemory.afterBatch();
        }
    }
}
