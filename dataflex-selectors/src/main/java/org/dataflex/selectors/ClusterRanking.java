package org.dataflex.selectors;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.dataflex.data.Samples;
import org.dataflex.math.Seeds;
import org.dataflex.math.Shuffle;
import org.dataflex.selectors.ClusterLessSelector.Representatives;
import org.dataflex.selectors.ClusterLessSelector.Ties;

/** The candidates of one update by cluster, and their scores; candidates by their place. */
final class ClusterRanking {

    private final float[][] embeddings;
    private final List<int[]> clusters = new ArrayList<>();
    private final List<float[]> centroids = new ArrayList<>();
    private final double[] scores;

    /** Of each cluster, the place of the representative with the highest own score. */
    private final int[] best;

    ClusterRanking(Samples candidates, ClusterMembers members) {
        embeddings = new float[candidates.size()][];
        scores = new double[candidates.size()];
        Map<Integer, List<Integer>> places = new TreeMap<>();
        for (int i = 0; i < embeddings.length; i++) {
            ClusterMembers.Member member = members.get(candidates.indices().get(i));
            embeddings[i] = member.embedding();
            places.computeIfAbsent(member.cluster(), c -> new ArrayList<>()).add(i);
        }
        places.forEach(
                (cluster, list) -> {
                    clusters.add(list.stream().mapToInt(i -> i).toArray());
                    centroids.add(members.centroid(cluster));
                });
        best = new int[clusters.size()];
    }

    /** Returns up to {@code count} representatives of each cluster. */
    List<int[]> representatives(Representatives which, int count, long seed) {
        List<int[]> all = new ArrayList<>();
        for (int c = 0; c < clusters.size(); c++) {
            int[] order =
                    which == Representatives.RANDOM
                            ? shuffled(clusters.get(c), Seeds.generator(seed, c))
                            : byDistance(embeddings, clusters.get(c), centroids.get(c), which);
            all.add(Arrays.copyOf(order, Math.min(count, order.length)));
        }
        return all;
    }

    private static int[] shuffled(int[] places, RandomGenerator random) {
        long[] order = Arrays.stream(places).asLongStream().toArray();
        Shuffle.inPlace(order, random);
        return Arrays.stream(order).mapToInt(i -> (int) i).toArray();
    }

    /** Orders members by their distance to the centroid; ties go to the lower one. */
    static int[] byDistance(
            float[][] embeddings, int[] members, float[] centroid, Representatives which) {
        Comparator<Integer> distance =
                Comparator.comparingDouble(
                        i -> ClusterMembers.squaredDistance(embeddings[i], centroid));
        int[] order =
                Arrays.stream(members)
                        .boxed()
                        .sorted(which == Representatives.FARTHEST ? distance.reversed() : distance)
                        .mapToInt(i -> i)
                        .toArray();
        if (which != Representatives.ALTERNATING) {
            return order;
        }
        return IntStream.range(0, order.length)
                .map(i -> order[i % 2 == 0 ? i / 2 : order.length - 1 - i / 2])
                .toArray();
    }

    /**
     * Gives each member its cluster's score: the maximum over subtasks of the mean over
     * representatives, those left out that are NaN, by the cluster's divisor.
     */
    void score(List<int[]> representatives, double[][] rows, double[] divisors) {
        int row = 0;
        for (int c = 0; c < clusters.size(); c++) {
            int[] which = representatives.get(c);
            double[][] own = Arrays.copyOfRange(rows, row, row + which.length);
            row += which.length;
            double mean = max(mean(own));
            double score = mean == 0 ? 0 : mean / divisors[c]; // both are 0 without gradients
            for (int member : clusters.get(c)) {
                scores[member] = score;
            }
            best[c] = best(which, own);
        }
    }

    /** Finds the highest own score; ties go to the lower place, NaN comes last. */
    private static int best(int[] which, double[][] own) {
        Integer best =
                IntStream.range(0, own.length)
                        .boxed()
                        .min(
                                Comparator.comparingDouble((Integer i) -> 0 - max(own[i]))
                                        .thenComparingInt(i -> which[i]))
                        .orElseThrow();
        return which[best];
    }

    private static double[] mean(double[][] rows) {
        double[] mean = new double[rows[0].length];
        for (int s = 0; s < mean.length; s++) {
            int subtask = s;
            mean[s] =
                    Arrays.stream(rows)
                            .mapToDouble(row -> row[subtask])
                            .filter(value -> !Double.isNaN(value))
                            .average()
                            .orElse(Double.NaN);
        }
        return mean;
    }

    private static double max(double[] values) {
        return Arrays.stream(values).max().orElseThrow();
    }

    double[] scores() {
        return scores;
    }

    /** Returns a number for each candidate, the largest of a cluster to be chosen first. */
    double[] ties(Ties order, long seed) {
        double[] ties = new double[embeddings.length];
        RandomGenerator random = Seeds.generator(seed);
        for (int c = 0; c < clusters.size(); c++) {
            for (int member : clusters.get(c)) {
                ties[member] =
                        switch (order) {
                            case EMBEDDING -> cosine(embeddings[member], embeddings[best[c]]);
                            case SHUFFLE -> random.nextDouble();
                            case POSITION -> 0;
                        };
            }
        }
        return ties;
    }

    private static double cosine(float[] a, float[] b) {
        double product = 0;
        for (int j = 0; j < a.length; j++) {
            product += (double) a[j] * b[j];
        }
        return product;
    }
}
