package org.dataflex.math;

import java.util.stream.IntStream;

/**
 * Computes squared distances of many vectors to one.
 *
 * <p>The vectors are copied in tiles, feature by feature, so that the innermost loop goes over
 * vectors and the processor handles several at once. Memory: as the vectors.
 */
final class DistanceTiles {

    private static final int TILE = 128;

    private final int features;
    private final int size;
    private final float[][] tiles;

    DistanceTiles(float[][] rows) {
        this.features = rows[0].length;
        this.size = rows.length;
        this.tiles = new float[(size + TILE - 1) / TILE][features * TILE];
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < features; j++) {
                tiles[i / TILE][j * TILE + i % TILE] = rows[i][j];
            }
        }
    }

    /** Takes the distances of some vectors. */
    @FunctionalInterface
    interface Receiver {

        /**
         * Takes distances.
         *
         * @param first the first vector
         * @param count how many
         * @param squared |x - centre|^2 of each; exactly 0 where they are equal
         */
        void accept(int first, int count, float[] squared);
    }

    /** Shows all distances to a vector, some vectors at a time, by several threads. */
    void forEach(float[] centre, Receiver receiver) {
        IntStream.range(0, tiles.length)
                .parallel()
                .forEach(
                        t -> {
                            int first = t * TILE;
                            float[] squared = distances(centre, tiles[t]);
                            receiver.accept(first, Math.min(TILE, size - first), squared);
                        });
    }

    private float[] distances(float[] centre, float[] tile) {
        float[] sums = new float[TILE];
        int whole = features & ~3;
        for (int j = 0; j < whole; j += 4) {
            addFour(centre, j, tile, sums);
        }
        for (int j = whole; j < features; j++) {
            for (int i = 0; i < TILE; i++) {
                float d = tile[j * TILE + i] - centre[j];
                sums[i] += d * d;
            }
        }
        return sums;
    }

    private static void addFour(float[] centre, int j, float[] tile, float[] sums) {
        float c0 = centre[j];
        float c1 = centre[j + 1];
        float c2 = centre[j + 2];
        float c3 = centre[j + 3];
        int o = j * TILE;
        for (int i = 0; i < TILE; i++) {
            float d0 = tile[o + i] - c0;
            float d1 = tile[o + TILE + i] - c1;
            float d2 = tile[o + 2 * TILE + i] - c2;
            float d3 = tile[o + 3 * TILE + i] - c3;
            sums[i] += d0 * d0 + d1 * d1 + (d2 * d2 + d3 * d3);
        }
    }
}
