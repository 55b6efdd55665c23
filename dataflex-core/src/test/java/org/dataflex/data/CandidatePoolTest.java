package org.dataflex.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import java.util.List;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class CandidatePoolTest {

    private static final Domain WIKI = new Domain("wiki");
    private static final Domain CODE = new Domain("code");
    private static final Domain NEWS = new Domain("news");

    private final NDManager manager = NDManager.newBaseManager();
    private final CandidatePool pool =
            CandidatePool.builder()
                    .addDomain("wiki", Numbers.dataset(manager, 0, 3, 2))
                    .addDomain("code", Numbers.dataset(manager, 100, 1, 2))
                    .addDomain("news", Numbers.dataset(manager, 200, 4, 2))
                    .build();

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void domains_several_keepTheOrderOfAdding() {
        assertEquals(List.of(WIKI, CODE, NEWS), pool.domains());
        assertEquals(8, pool.size());
        assertEquals("[wiki, code, news]", pool.domains().toString());
    }

    @Test
    void domainOf_atTheBorders_isTheDomainThatHoldsThePosition() {
        List<Domain> expected = List.of(WIKI, WIKI, WIKI, CODE, NEWS, NEWS, NEWS, NEWS);
        for (int i = 0; i < 8; i++) {
            assertEquals(expected.get(i), pool.domainOf(i));
        }
    }

    @Test
    void domainOf_outside_saysWhichAndHowMany() {
        for (long position : new long[] {-1, 8}) {
            Exception e =
                    assertThrows(IndexOutOfBoundsException.class, () -> pool.domainOf(position));
            assertEquals("position " + position + " of 8", e.getMessage());
        }
    }

    @Test
    void samples_ofADomain_areItsPositions() {
        assertEquals(new Samples(pool, SampleIndices.of(0, 1, 2)), pool.samples(WIKI));
        assertEquals(new Samples(pool, SampleIndices.of(3)), pool.samples(CODE));
        assertEquals(new Samples(pool, SampleIndices.of(4, 5, 6, 7)), pool.samples(NEWS));
    }

    @Test
    void samples_ofAnotherDomain_namesTheKnownOnes() {
        Exception e =
                assertThrows(
                        IllegalArgumentException.class, () -> pool.samples(new Domain("book")));
        assertEquals("no domain named 'book'; the pool has [wiki, code, news]", e.getMessage());
    }

    @Test
    void of_oneSet_isTheDomainAll() {
        ArrayDataset dataset = Numbers.dataset(manager, 0, 3, 2);
        CandidatePool fromDataset = CandidatePool.of(dataset);
        CandidatePool fromSet = CandidatePool.of(SampleSet.of(dataset));
        assertEquals(List.of(new Domain("all")), fromDataset.domains());
        assertEquals(fromDataset.fingerprint(), fromSet.fingerprint());
    }

    @Test
    void batch_severalDomains_isEveryRowReadAlone() throws Throwable {
        SampleIndices indices = SampleIndices.of(7, 0, 3, 2, 7, 4, 0);
        NativeMemory.assertNothingLeft(
                manager -> {
                    try (Batch batch = pool.batch(manager, indices)) {
                        assertEquals(new Shape(7, 2), batch.getData().head().getShape());
                        assertEquals(new Shape(7), batch.getLabels().head().getShape());
                        assertEquals(7, batch.getSize());
                        assertEquals(indices.asList(), batch.getIndices());
                        for (int row = 0; row < indices.size(); row++) {
                            assertRowEquals(manager, batch, row, indices.get(row));
                        }
                    }
                });
    }

    @Test
    void batch_oneDomain_keepsThePoolsPositions() throws Exception {
        try (Batch batch = pool.batch(manager, SampleIndices.of(6, 4))) {
            assertEquals(List.of(6L, 4L), batch.getIndices());
            assertArrayEquals(new long[] {202, 200}, batch.getLabels().head().toLongArray());
        }
    }

    @Test
    void batch_outside_saysWhichAndHowMany() {
        SampleIndices outside = SampleIndices.of(0, 8);
        Exception e =
                assertThrows(IndexOutOfBoundsException.class, () -> pool.batch(manager, outside));
        assertEquals("position 8 of 8", e.getMessage());
    }

    @Test
    void fingerprint_otherNamesOrSizes_changes() {
        String fingerprint = pool.fingerprint();
        assertTrue(fingerprint.startsWith("[wiki, code, news] [3, 4, 8] "), fingerprint);
    }

    @Test
    void build_withoutDomains_isRefused() {
        Exception e =
                assertThrows(IllegalArgumentException.class, () -> CandidatePool.builder().build());
        assertEquals("the pool is empty; add at least one domain", e.getMessage());
    }

    @Test
    void build_withEmptyDomains_namesThem() {
        TokenSequences none = TokenSequences.builder().build();
        CandidatePool.Builder builder =
                CandidatePool.builder()
                        .addDomain("wiki", none)
                        .addDomain("code", Numbers.dataset(manager, 0, 1, 1))
                        .addDomain("news", none);
        Exception e = assertThrows(IllegalArgumentException.class, builder::build);
        assertEquals(
                "domains without samples: [wiki, news]; leave them out or fill them",
                e.getMessage());
    }

    @Test
    void addDomain_takenOrBlankName_isRefused() {
        TokenSequences none = TokenSequences.builder().build();
        CandidatePool.Builder builder = CandidatePool.builder().addDomain("wiki", none);
        Exception taken =
                assertThrows(IllegalArgumentException.class, () -> builder.addDomain("wiki", none));
        assertEquals("two domains are named 'wiki'", taken.getMessage());
        Exception blank =
                assertThrows(IllegalArgumentException.class, () -> builder.addDomain(" ", none));
        assertEquals("a domain's name is  ; give it a name", blank.getMessage());
    }

    private void assertRowEquals(NDManager manager, Batch batch, int row, long index)
            throws Exception {
        try (Batch alone = pool.batch(manager, SampleIndices.of(index))) {
            assertArrayEquals(
                    alone.getData().head().toFloatArray(),
                    batch.getData().head().get(row).toFloatArray());
            assertEquals(
                    alone.getLabels().head().getLong(0), batch.getLabels().head().getLong(row));
        }
    }
}
