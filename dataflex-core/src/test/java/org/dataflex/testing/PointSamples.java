package org.dataflex.testing;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import java.util.random.RandomGenerator;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.SampleSet;
import org.dataflex.math.Seeds;

/**
 * Points of two features and one of three classes, made from a seed: data [B, 2] float32, labels
 * [B] int64. Every sample depends on (seed, position) only.
 */
public final class PointSamples implements SampleSet {

    /** Features of a point. */
    public static final int FEATURES = 2;

    /** Classes. */
    public static final int CLASSES = 3;

    private final long size;
    private final long seed;

    /**
     * Makes points.
     *
     * @param size how many
     * @param seed of all of them
     */
    public PointSamples(long size, long seed) {
        this.size = size;
        this.seed = seed;
    }

    /**
     * Returns the features of a point.
     *
     * @param index its position
     * @return its features
     */
    public float[] features(long index) {
        RandomGenerator random = Seeds.generator(seed, index);
        int label = label(index);
        return new float[] {
            (float) (Math.cos(label * 2.0) + 0.5 * random.nextGaussian()),
            (float) (Math.sin(label * 2.0) + 0.5 * random.nextGaussian())
        };
    }

    /**
     * Returns the class of a point.
     *
     * @param index its position
     * @return 0, 1 or 2
     */
    public int label(long index) {
        return Math.floorMod(Seeds.mix(seed, index), CLASSES);
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public Batch batch(NDManager manager, SampleIndices indices) {
        float[] data = new float[indices.size() * FEATURES];
        long[] labels = new long[indices.size()];
        for (int i = 0; i < indices.size(); i++) {
            System.arraycopy(features(indices.get(i)), 0, data, i * FEATURES, FEATURES);
            labels[i] = label(indices.get(i));
        }
        NDManager own = manager.newSubManager();
        return new Batch(
                own,
                new NDList(own.create(data, new Shape(indices.size(), FEATURES))),
                new NDList(own.create(labels)),
                indices.size(),
                null,
                null,
                0,
                0,
                indices.asList());
    }

    @Override
    public String fingerprint() {
        return "points " + size + " seed " + seed;
    }
}
