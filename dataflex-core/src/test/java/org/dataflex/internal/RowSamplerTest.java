package org.dataflex.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.LongStream;
import org.dataflex.checkpoint.Tensor;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.SampleIndices;
import org.dataflex.strategy.Mixture;
import org.dataflex.testing.PointSamples;
import org.dataflex.testing.TinyRuns;
import org.junit.jupiter.api.Test;

class RowSamplerTest {

    private final CandidatePool pool = TinyRuns.pool();
    private final Mixture mixture = Mixture.of(pool.domains(), 0.6, 0.3, 0.1);

    @Test
    void next_withoutMixer_drawsEverySampleOnceARound() {
        RowSampler sampler = new RowSampler(pool, false, 1);
        for (int round = 0; round < 3; round++) {
            long[] rows = new long[0];
            for (int step = 0; step < 10; step++) {
                rows = concat(rows, sampler.next(8, null, round * 10 + step).toArray());
            }
            assertEquals(80, Arrays.stream(rows).distinct().count());
        }
    }

    @Test
    void next_roundsDiffer_seedsDiffer() {
        RowSampler one = new RowSampler(pool, false, 1);
        SampleIndices first = one.next(80, null, 0);
        assertNotEquals(first, one.next(80, null, 1));
        assertNotEquals(first, new RowSampler(pool, false, 2).next(80, null, 0));
        assertEquals(first, new RowSampler(pool, false, 1).next(80, null, 0));
    }

    @Test
    void next_byMixture_carriesWhatIsRoundedOff() {
        RowSampler sampler = new RowSampler(pool, true, 1);
        Map<String, Integer> total = new HashMap<>();
        for (int step = 0; step < 100; step++) {
            SampleIndices rows = sampler.next(7, mixture, step);
            assertEquals(7, rows.size());
            rows.stream().forEach(r -> total.merge(pool.domainOf(r).name(), 1, Integer::sum));
        }
        assertEquals(420, total.get("a"), 1);
        assertEquals(210, total.get("b"), 1);
        assertEquals(70, total.get("c"), 1);
    }

    @Test
    void next_byMixture_aDomainIsUsedUpBeforeItRepeats() {
        RowSampler sampler = new RowSampler(pool, true, 1);
        long[] ofC = new long[0];
        for (int step = 0; step < 10; step++) {
            ofC =
                    concat(
                            ofC,
                            sampler.next(10, mixture, step).stream()
                                    .filter(r -> r >= 70)
                                    .toArray());
        }
        assertEquals(10, ofC.length);
        assertEquals(10, Arrays.stream(ofC).distinct().count());
    }

    @Test
    void select_restrictsAndRepeatsInNewOrders() {
        RowSampler sampler = new RowSampler(pool, false, 1);
        sampler.select(0, SampleIndices.of(3, 50, 79), 4);
        long[] first = sampler.next(3, null, 4).toArray();
        long[] second = sampler.next(3, null, 5).toArray();
        assertEquals("[3, 50, 79]", Arrays.toString(LongStream.of(first).sorted().toArray()));
        assertEquals("[3, 50, 79]", Arrays.toString(LongStream.of(second).sorted().toArray()));
    }

    /** Any interruption: 200 seeded cases of selections, mixtures and step counts. */
    @Test
    void restore_goesOnAsIfUninterrupted() {
        for (long seed = 0; seed < 200; seed++) {
            boolean byDomain = seed % 2 == 0;
            RowSampler straight = new RowSampler(pool, byDomain, seed);
            if (seed % 3 == 0) {
                straight.select(0, SampleIndices.range(seed % 7, 20), seed);
            }
            for (int step = 0; step < seed % 11; step++) {
                straight.next(5, mixture, step);
            }
            ObjectNode state = new ObjectMapper().createObjectNode();
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            straight.save(state, tensors);
            RowSampler resumed = new RowSampler(pool, byDomain, seed);
            resumed.restore(state, tensors);
            for (int step = 11; step < 40; step++) {
                assertEquals(
                        straight.next(5, mixture, step),
                        resumed.next(5, mixture, step),
                        "seed " + seed + " step " + step);
            }
        }
    }

    @Test
    void next_hugePool_costsNoMemory() {
        CandidatePool huge = CandidatePool.of(new PointSamples(2_000_000_000, 1));
        long[] rows = new RowSampler(huge, false, 1).next(1000, null, 0).toArray();
        assertEquals(1000, Arrays.stream(rows).distinct().count());
        assertTrue(Arrays.stream(rows).max().getAsLong() > 1_900_000_000);
    }

    private static long[] concat(long[] a, long[] b) {
        return LongStream.concat(Arrays.stream(a), Arrays.stream(b)).toArray();
    }
}
