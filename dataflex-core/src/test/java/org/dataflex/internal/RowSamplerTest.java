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
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.dataflex.checkpoint.Tensor;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.SampleIndices;
import org.dataflex.math.LargestRemainder;
import org.dataflex.math.Seeds;
import org.dataflex.math.Simplex;
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

    /**
     * Shares that stay or that change with every batch, batches of any size: the rows of a domain
     * in all batches so far are those asked for, but for less than a row too many, and less than
     * the bound of {@link LargestRemainder} too few, which is a row for up to three domains. Shares
     * that stay never were a row and a half behind.
     */
    @Test
    void next_byMixture_drawsTheProportionsThatAreAskedFor() {
        for (int k = 2; k <= 64; k++) {
            for (boolean changing : new boolean[] {false, true}) {
                double behind = k < 4 ? 1 : changing ? harmonic(k) - 1 : 1.5;
                drawsWhatIsAsked(k, changing, behind, 1_000L * k + (changing ? 1 : 0));
            }
        }
    }

    private static double harmonic(int k) {
        return IntStream.rangeClosed(1, k).mapToDouble(i -> 1.0 / i).sum();
    }

    private static void drawsWhatIsAsked(int k, boolean changing, double behind, long seed) {
        RandomGenerator random = Seeds.generator(seed);
        CandidatePool.Builder builder = CandidatePool.builder();
        for (int d = 0; d < k; d++) {
            builder.addDomain("d" + d, new PointSamples(1 + random.nextInt(30), d));
        }
        CandidatePool domains = builder.build();
        RowSampler sampler = new RowSampler(domains, true, seed);
        double[] owed = new double[k];
        double[] shares = randomShares(random, k);
        for (int step = 0; step < 60; step++) {
            shares = changing ? randomShares(random, k) : shares;
            int rows = 1 + random.nextInt(40);
            SampleIndices drawn = sampler.next(rows, Mixture.of(domains.domains(), shares), step);
            assertEquals(rows, drawn.size());
            drawn.stream()
                    .mapToInt(r -> domains.domains().indexOf(domains.domainOf(r)))
                    .forEach(d -> owed[d]--);
            for (int d = 0; d < k; d++) {
                owed[d] += rows * shares[d];
                String where = "seed " + seed + " domains " + k + " step " + step + " domain " + d;
                assertTrue(owed[d] > -1 && owed[d] < behind + 1e-9, where + ": owed " + owed[d]);
                assertTrue(shares[d] > 0 || changing || owed[d] == 0, where);
            }
        }
    }

    /** Of any steepness, some of them 0, and not all. */
    private static double[] randomShares(RandomGenerator random, int k) {
        double steepness = 4 * random.nextDouble();
        double[] shares = new double[k];
        for (int d = 0; d < k; d++) {
            shares[d] = random.nextInt(5) == 0 ? 0 : Math.exp(steepness * random.nextGaussian());
        }
        shares[random.nextInt(k)] = 1;
        return Simplex.normalize(shares);
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
