package org.dataflex.selectors;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.Samples;
import org.dataflex.math.Clustering;
import org.dataflex.model.ModelOps;
import org.dataflex.model.Pooling;

/**
 * The clusters that samples are in for the rest of a run, and their embeddings.
 *
 * <p>Candidates of which none is in a cluster yet are divided into new ones. Beside others that
 * are, a newcomer joins the cluster of the nearest centroid among those of the others.
 */
final class ClusterMembers {

    private static final String POSITIONS = "positions";
    private static final String CLUSTERS = "clusters";
    private static final String EMBEDDINGS = "embeddings";
    private static final String CENTROIDS = "centroids";

    /** In the order of coming, so that equal states give equal files. */
    private final Map<Long, Member> members = new LinkedHashMap<>();

    private final List<float[]> centroids = new ArrayList<>();

    record Member(int cluster, float[] embedding) {}

    Member get(long position) {
        return members.get(position);
    }

    float[] centroid(int cluster) {
        return centroids.get(cluster);
    }

    /** Puts those candidates into clusters that are in none, embedding these only. */
    void admit(
            Samples candidates,
            ModelOps model,
            int chunkSize,
            Clustering clustering,
            int k,
            long seed) {
        long[] missing =
                candidates.indices().stream().filter(i -> !members.containsKey(i)).toArray();
        if (missing.length == 0) {
            return;
        }
        Samples newcomers = new Samples(candidates.source(), SampleIndices.of(missing));
        float[][] rows = embed(newcomers, model, chunkSize);
        int[] clusters =
                missing.length == candidates.size()
                        ? found(rows, clustering.cluster(rows, k, seed), k)
                        : nearest(rows, candidates);
        for (int i = 0; i < rows.length; i++) {
            members.put(missing[i], new Member(clusters[i], rows[i]));
        }
    }

    private static float[][] embed(Samples samples, ModelOps model, int chunkSize) {
        List<float[]> rows = new ArrayList<>();
        for (Samples chunk : samples.chunks(chunkSize)) {
            try (NDArray array = model.embed(chunk, Pooling.MEAN)) {
                float[] values = array.toFloatArray();
                int dimension = values.length / chunk.size();
                for (int i = 0; i < chunk.size(); i++) {
                    float[] row = new float[dimension];
                    System.arraycopy(values, i * dimension, row, 0, dimension);
                    long position = chunk.indices().get(i);
                    UnitVectors.normalise(
                            row,
                            0,
                            dimension,
                            () -> "the model's embedding of candidate " + position);
                    rows.add(row);
                }
            }
        }
        return rows.toArray(float[][]::new);
    }

    /** Adds clusters and their centroids, the means of their members; returns their numbers. */
    private int[] found(float[][] rows, int[] labels, int k) {
        int first = centroids.size();
        centroids.addAll(List.of(centroids(rows, labels, k)));
        int[] clusters = new int[labels.length];
        for (int i = 0; i < labels.length; i++) {
            clusters[i] = first + labels[i];
        }
        return clusters;
    }

    /** Computes the mean of each cluster, all zeros if it is empty. */
    static float[][] centroids(float[][] rows, int[] labels, int k) {
        double[][] sums = new double[k][rows[0].length];
        int[] sizes = new int[k];
        for (int i = 0; i < rows.length; i++) {
            sizes[labels[i]]++;
            for (int j = 0; j < rows[i].length; j++) {
                sums[labels[i]][j] += rows[i][j];
            }
        }
        float[][] means = new float[k][rows[0].length];
        for (int c = 0; c < k; c++) {
            for (int j = 0; j < means[c].length && sizes[c] > 0; j++) {
                means[c][j] = (float) (sums[c][j] / sizes[c]);
            }
        }
        return means;
    }

    private int[] nearest(float[][] rows, Samples candidates) {
        int[] known =
                candidates.indices().stream()
                        .filter(members::containsKey)
                        .mapToInt(i -> members.get(i).cluster())
                        .distinct()
                        .sorted()
                        .toArray();
        int[] nearest = new int[rows.length];
        for (int i = 0; i < rows.length; i++) {
            double least = Double.POSITIVE_INFINITY;
            for (int cluster : known) {
                double distance = squaredDistance(rows[i], centroids.get(cluster));
                if (distance < least) {
                    least = distance;
                    nearest[i] = cluster;
                }
            }
        }
        return nearest;
    }

    static double squaredDistance(float[] a, float[] b) {
        double sum = 0;
        for (int j = 0; j < a.length; j++) {
            double difference = (double) a[j] - b[j];
            sum += difference * difference;
        }
        return sum;
    }

    Map<String, double[]> save() {
        Map<String, double[]> state = new LinkedHashMap<>();
        state.put(POSITIONS, members.keySet().stream().mapToDouble(Long::doubleValue).toArray());
        state.put(CLUSTERS, members.values().stream().mapToDouble(Member::cluster).toArray());
        state.put(EMBEDDINGS, pack(members.values().stream().map(Member::embedding).toList()));
        state.put(CENTROIDS, pack(centroids));
        return state;
    }

    void restore(Map<String, double[]> state) {
        members.clear();
        centroids.clear();
        double[] positions = state.get(POSITIONS);
        double[] clusters = state.get(CLUSTERS);
        List<float[]> rows = unpack(state.get(EMBEDDINGS));
        for (int i = 0; i < positions.length; i++) {
            members.put((long) positions[i], new Member((int) clusters[i], rows.get(i)));
        }
        centroids.addAll(unpack(state.get(CENTROIDS)));
    }

    /** Two floats a number, after the number of rows and of features. */
    private static double[] pack(List<float[]> rows) {
        int features = rows.isEmpty() ? 0 : rows.get(0).length;
        int each = (features + 1) / 2;
        double[] packed = new double[Math.addExact(2, Math.multiplyExact(rows.size(), each))];
        packed[0] = rows.size();
        packed[1] = features;
        for (int i = 0; i < rows.size(); i++) {
            for (int j = 0; j < features; j++) {
                int at = 2 + i * each + j / 2;
                long bits = Float.floatToRawIntBits(rows.get(i)[j]) & 0xFFFF_FFFFL;
                long other = j % 2 == 0 ? 0 : Double.doubleToRawLongBits(packed[at]);
                packed[at] = Double.longBitsToDouble(other | bits << Integer.SIZE * (j % 2));
            }
        }
        return packed;
    }

    private static List<float[]> unpack(double[] packed) {
        int features = (int) packed[1];
        int each = (features + 1) / 2;
        List<float[]> rows = new ArrayList<>();
        for (int i = 0; i < (int) packed[0]; i++) {
            float[] row = new float[features];
            for (int j = 0; j < features; j++) {
                long bits = Double.doubleToRawLongBits(packed[2 + i * each + j / 2]);
                row[j] = Float.intBitsToFloat((int) (bits >>> Integer.SIZE * (j % 2)));
            }
            rows.add(row);
        }
        return rows;
    }
}
