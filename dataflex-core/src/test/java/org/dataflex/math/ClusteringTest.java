package org.dataflex.math;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.dataflex.testing.Golden;
import org.junit.jupiter.api.Test;

class ClusteringTest {

    private static final List<Clustering> ALL =
            List.of(
                    KMeans.euclidean(20),
                    KMeans.spherical(20),
                    new FarthestFirst(),
                    new RandomHyperplanes(),
                    new RandomHyperplanes(3),
                    new RandomPartition());

    private static float[][] random(int n, int d, long seed) {
        RandomGenerator random = Seeds.generator(seed, n, d);
        float[][] rows = new float[n][d];
        for (float[] row : rows) {
            for (int j = 0; j < d; j++) {
                row[j] = (float) random.nextGaussian();
            }
        }
        return rows;
    }

    private static <T> T read(JsonNode node, Class<T> type) {
        return new ObjectMapper().convertValue(node, type);
    }

    private static float[][] pick(float[][] rows, int[] which) {
        return Arrays.stream(which).mapToObj(i -> rows[i]).toArray(float[][]::new);
    }

    @Test
    void clusters_fromTheSameStart_areThoseOfDataFlex() {
        for (JsonNode golden : Golden.cases("clustering.json")) {
            float[][] rows = read(golden.get("features"), float[][].class);
            int k = golden.get("k").asInt();
            int[] start = golden.has("start") ? read(golden.get("start"), int[].class) : null;
            int[] clusters =
                    switch (golden.get("case").asText()) {
                        case "kmeans" -> KMeans.euclidean(10).lloyd(rows, pick(rows, start));
                        case "spherical_kmeans" ->
                                KMeans.spherical(10).lloyd(rows, pick(rows, start));
                        case "farthest_first" ->
                                FarthestFirst.from(golden.get("first").asInt(), rows, k);
                        default ->
                                RandomHyperplanes.buckets(
                                        rows, read(golden.get("planes"), double[][].class), k);
                    };
            assertArrayEquals(
                    read(golden.get("clusters"), int[].class),
                    clusters,
                    golden.get("case").asText());
        }
    }

    @Test
    void cluster_isWithinK_repeats_andDependsOnNoThreads() throws Exception {
        ForkJoinPool one = new ForkJoinPool(1);
        ForkJoinPool five = new ForkJoinPool(5);
        float[][] rows = random(700, 7, 1);
        for (Clustering clustering : ALL) {
            int[] first = one.submit(() -> clustering.cluster(rows, 37, 5)).get();
            assertArrayEquals(first, five.submit(() -> clustering.cluster(rows, 37, 5)).get());
            assertTrue(Arrays.stream(first).allMatch(c -> c >= 0 && c < 37));
            assertTrue(
                    !Arrays.equals(first, clustering.cluster(rows, 37, 6)),
                    clustering + " ignores its seed");
        }
        one.shutdown();
        five.shutdown();
    }

    @Test
    void cluster_kIsN_orEqualRows_leavesNoClusterEmpty() {
        float[][] equal = new float[9][3];
        for (float[] row : equal) {
            row[1] = 2;
        }
        for (Clustering clustering :
                List.of(
                        KMeans.euclidean(5),
                        KMeans.spherical(5),
                        new FarthestFirst(),
                        new RandomPartition())) {
            for (int k : new int[] {1, 4, 9}) {
                assertEquals(k, distinct(clustering.cluster(equal, k, 3)));
                assertEquals(k, distinct(clustering.cluster(random(9, 3, 2), k, 3)));
            }
        }
        assertArrayEquals(new int[9], new RandomHyperplanes().cluster(equal, 1, 3));
    }

    private static long distinct(int[] labels) {
        return Arrays.stream(labels).distinct().count();
    }

    @Test
    void kMeans_atConvergence_everyPointIsNearestToItsCentroid() {
        for (long seed = 0; seed < 20; seed++) {
            float[][] rows = random(200, 5, seed);
            assertNearest(rows, KMeans.euclidean(10_000).cluster(rows, 12, seed), 12, seed);
        }
    }

    private static void assertNearest(float[][] rows, int[] labels, int k, long seed) {
        double[][] means = means(rows, labels, k);
        for (int i = 0; i < rows.length; i++) {
            double own = squared(rows[i], means[labels[i]]);
            for (double[] mean : means) {
                assertTrue(own <= squared(rows[i], mean) + 1e-4, "seed " + seed + ", row " + i);
            }
        }
    }

    @Test
    void sphericalKMeans_atConvergence_everyPointHasItsLargestCosine() {
        for (long seed = 0; seed < 20; seed++) {
            float[][] rows = random(200, 5, seed);
            float[][] units = Arrays.stream(rows).map(Vectors::unit).toArray(float[][]::new);
            int[] labels = KMeans.spherical(10_000).cluster(rows, 12, seed);
            double[][] means = means(units, labels, 12);
            for (int i = 0; i < rows.length; i++) {
                double own = cosine(units[i], means[labels[i]]);
                for (double[] mean : means) {
                    assertTrue(own >= cosine(units[i], mean) - 1e-4, "seed " + seed);
                }
            }
        }
    }

    @Test
    void kMeans_inertiaNeverRises() {
        for (long seed = 0; seed < 20; seed++) {
            float[][] rows = random(150, 4, seed);
            double before = Double.POSITIVE_INFINITY;
            for (int iterations = 1; iterations < 25; iterations++) {
                double inertia = inertia(rows, KMeans.euclidean(iterations).cluster(rows, 10, 1));
                assertTrue(inertia <= before * (1 + 1e-6), "seed " + seed + " at " + iterations);
                before = inertia;
            }
        }
    }

    @Test
    void kMeans_separateGroups_areFound() {
        float[][] rows = random(90, 3, 4);
        for (int i = 0; i < rows.length; i++) {
            rows[i][i % 3] += 100;
        }
        for (Clustering clustering :
                List.of(KMeans.euclidean(20), KMeans.spherical(20), new FarthestFirst())) {
            int[] labels = clustering.cluster(rows, 3, 8);
            assertEquals(3, distinct(labels));
            for (int i = 3; i < rows.length; i++) {
                assertEquals(labels[i % 3], labels[i]);
            }
        }
    }

    @Test
    void farthestFirst_isAtMostTwiceTheBestRadius() {
        for (long seed = 0; seed < 30; seed++) {
            float[][] rows = random(11, 2, seed);
            for (int first = 0; first < rows.length; first++) {
                double radius = 0;
                int[] labels = FarthestFirst.from(first, rows, 3);
                for (int c = 0; c < 3; c++) {
                    radius = Math.max(radius, smallestRadius(rows, labels, c));
                }
                assertTrue(radius <= 2 * bestRadius(rows) + 1e-5, "seed " + seed);
            }
        }
    }

    /** Over all choices of the cluster's centre; no more than that of the clustering's own. */
    private static double smallestRadius(float[][] rows, int[] labels, int cluster) {
        int[] members = IntStream.range(0, rows.length).filter(i -> labels[i] == cluster).toArray();
        return Arrays.stream(members)
                .mapToDouble(
                        c ->
                                Arrays.stream(members)
                                        .mapToDouble(i -> distance(rows[i], rows[c]))
                                        .max()
                                        .orElseThrow())
                .min()
                .orElseThrow();
    }

    private static double bestRadius(float[][] rows) {
        double best = Double.POSITIVE_INFINITY;
        for (int a = 0; a < rows.length; a++) {
            for (int b = a + 1; b < rows.length; b++) {
                for (int c = b + 1; c < rows.length; c++) {
                    double radius = 0;
                    for (float[] row : rows) {
                        double near = Math.min(distance(row, rows[a]), distance(row, rows[b]));
                        radius = Math.max(radius, Math.min(near, distance(row, rows[c])));
                    }
                    best = Math.min(best, radius);
                }
            }
        }
        return best;
    }

    @Test
    void randomPartition_sizesDifferByOneAtMost() {
        int[] sizes = new int[7];
        for (int label : new RandomPartition().cluster(random(40, 1, 0), 7, 9)) {
            sizes[label]++;
        }
        assertEquals(5, Arrays.stream(sizes).min().orElseThrow());
        assertEquals(6, Arrays.stream(sizes).max().orElseThrow());
    }

    @Test
    void nearestCentres_manyTiles_agreeWithDirectSearch() {
        float[][] rows = random(300, 9, 5);
        float[][] centres = random(270, 9, 6);
        int[] found = nearestByDistance(rows, centres);
        for (int i = 0; i < rows.length; i++) {
            double own = distance(rows[i], centres[found[i]]);
            for (float[] centre : centres) {
                assertTrue(own <= distance(rows[i], centre) + 1e-5);
            }
        }
    }

    @Test
    void badInput_isRefused() {
        float[][] rows = random(3, 2, 0);
        float[][] notFinite = {{1, 2}, {3, Float.NaN}};
        for (Clustering clustering : ALL) {
            assertRefused(
                    "k = 4, must be in [1, 3], the number of vectors",
                    () -> clustering.cluster(rows, 4, 0));
            assertRefused(
                    "k = 0, must be in [1, 3], the number of vectors",
                    () -> clustering.cluster(rows, 0, 0));
            assertRefused(
                    "rows[1][1] = NaN, must be finite", () -> clustering.cluster(notFinite, 1, 0));
            assertRefused(
                    "rows[1] has 1 features, must have 2 as rows[0]",
                    () -> clustering.cluster(new float[][] {{1, 2}, {3}}, 1, 0));
            assertRefused("rows = null, must be given", () -> clustering.cluster(null, 1, 0));
        }
        assertRefused("iterations = 0, must be at least 1", () -> KMeans.euclidean(0));
        assertRefused("bits = 31, must be in [1, 30]", () -> new RandomHyperplanes(31));
    }

    private static void assertRefused(String message, Runnable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call::run).getMessage());
    }

    private static double[][] means(float[][] rows, int[] labels, int k) {
        double[][] means = new double[k][rows[0].length];
        int[] sizes = new int[k];
        for (int label : labels) {
            sizes[label]++;
        }
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < rows[i].length; j++) {
                means[labels[i]][j] += rows[i][j] / (double) sizes[labels[i]];
            }
        }
        return means;
    }

    private static double inertia(float[][] rows, int[] labels) {
        double[][] means = means(rows, labels, 10);
        return IntStream.range(0, rows.length)
                .mapToDouble(i -> squared(rows[i], means[labels[i]]))
                .sum();
    }

    private static double squared(float[] a, double[] b) {
        return IntStream.range(0, a.length).mapToDouble(j -> (a[j] - b[j]) * (a[j] - b[j])).sum();
    }

    private static double cosine(float[] unit, double[] b) {
        double product = IntStream.range(0, b.length).mapToDouble(j -> unit[j] * b[j]).sum();
        return product / Math.sqrt(Arrays.stream(b).map(x -> x * x).sum());
    }

    private static double distance(float[] a, float[] b) {
        return Math.sqrt(
                IntStream.range(0, a.length)
                        .mapToDouble(j -> ((double) a[j] - b[j]) * ((double) a[j] - b[j]))
                        .sum());
    }

    private static int[] nearestByDistance(float[][] rows, float[][] centres) {
        float[] offsets = new float[centres.length];
        for (int c = 0; c < offsets.length; c++) {
            offsets[c] = (float) (-Vectors.squaredNorm(centres[c]) / 2);
        }
        return CentreSearch.JAVA.nearest(rows, centres, offsets);
    }
}
