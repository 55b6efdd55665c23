package org.dataflex.selectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.List;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.Samples;
import org.dataflex.model.Pooling;
import org.dataflex.strategy.Selector;
import org.dataflex.testing.FakeContexts;
import org.dataflex.testing.FakeModelOps;
import org.dataflex.testing.FakePool;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.SelectorContract;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What selectors by neighbours in a space of embeddings must do. */
@ExtendWith(NoLeaks.class)
abstract class EmbeddingSelectorContract implements SelectorContract {

    @TempDir private Path directory;

    private final NDManager manager = NDManager.newBaseManager();

    /** Makes the selector under test, with a number of neighbours. */
    abstract Selector create(EmbeddingSource embeddings, int neighbours);

    @AfterEach
    void close() {
        assertEquals(0, manager.getManagedArrays().size(), "embeddings were not closed");
        manager.close();
    }

    @Override
    public boolean isCreatableByName() {
        return false; // see createByName_ofFiles_givesTheSameSelector
    }

    @Override
    public FakeModelOps modelAt(long step) {
        return FakeModelOps.withEmbeddings(manager, i -> EmbeddingFiles.row(5, step, i));
    }

    /** Embeddings by the training model, which {@link #modelAt} is. */
    static EmbeddingSource ofModel() {
        return EmbeddingSource.trainingModel(FakePool.samples(3), Pooling.MEAN);
    }

    EmbeddingSource ofFiles(float[][] candidates, float[][] targets) {
        return EmbeddingSource.files(
                EmbeddingFiles.write(directory.resolve("c"), candidates),
                EmbeddingFiles.write(directory.resolve("t"), targets));
    }

    @Test
    void check_moreNeighboursThanThePoolHas_isRefused() {
        create(ofModel(), 20).check(FakePool.ofSize(20));
        assertEquals(
                "neighbours = 21, but the pool has 20 samples; lower it or leave it out",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> create(ofModel(), 21).check(FakePool.ofSize(20)))
                        .getMessage());
    }

    @Test
    void select_moreNeighboursThanCandidates_looksAtAllOfThese() {
        EmbeddingSource files =
                ofFiles(EmbeddingFiles.random(20, 4, 1), EmbeddingFiles.random(2, 4, 2));
        FakeContexts contexts = FakeContexts.of(FakePool.ofSizes(8, 12));
        Samples first = new Samples(FakePool.ofSize(20), SampleIndices.range(0, 8));
        List<Long> all = create(files, 8).select(contexts.selection(first, 5)).indices().asList();
        assertEquals(
                all, create(files, 20).select(contexts.selection(first, 5)).indices().asList());
    }
}
