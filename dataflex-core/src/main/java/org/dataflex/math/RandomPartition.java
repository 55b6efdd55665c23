package org.dataflex.math;

import java.util.stream.LongStream;

/** Deals vectors out at random: sizes differ by at most 1, and what they are does not matter. */
public final class RandomPartition implements Clustering {

    /** Makes the clustering. */
    public RandomPartition() {}

    @Override
    public int[] cluster(float[][] rows, int k, long seed) {
        Vectors.check(rows, k);
        long[] order = LongStream.range(0, rows.length).toArray();
        Shuffle.inPlace(order, Seeds.generator(seed));
        int[] labels = new int[rows.length];
        for (int place = 0; place < order.length; place++) {
            labels[(int) order[place]] = place % k;
        }
        return labels;
    }
}
