package org.dataflex.math;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Finds the centre c with the largest x . c + b_c for many vectors x; b_c = -|c|^2 / 2 makes it the
 * nearest one.
 *
 * <p>Inner products are of blocks: tiles of centres lie feature by feature, so that a tile stays in
 * the processor's cache and the innermost loop goes over centres.
 */
final class NearestCentres {

    private static final int TILE = 128;
    private static final int BLOCK = 256;

    private final float[][] tiles;
    private final float[] offsets;
    private final int features;

    private NearestCentres(float[][] centres, float[] offsets) {
        this.offsets = offsets;
        this.features = centres[0].length;
        this.tiles = new float[(centres.length + TILE - 1) / TILE][features * TILE];
        for (int c = 0; c < centres.length; c++) {
            for (int j = 0; j < features; j++) {
                tiles[c / TILE][j * TILE + c % TILE] = centres[c][j];
            }
        }
    }

    /** Of each row, the centre with the largest value; ties go to the lower one. */
    static int[] of(float[][] rows, float[][] centres, float[] offsets) {
        return new NearestCentres(centres, offsets).of(rows);
    }

    private int[] of(float[][] rows) {
        int[] nearest = new int[rows.length];
        int blocks = (rows.length + BLOCK - 1) / BLOCK;
        IntStream.range(0, blocks)
                .parallel()
                .forEach(
                        b ->
                                block(
                                        rows,
                                        b * BLOCK,
                                        Math.min(rows.length, (b + 1) * BLOCK),
                                        nearest));
        return nearest;
    }

    private void block(float[][] rows, int from, int to, int[] nearest) {
        float[] best = new float[to - from];
        Arrays.fill(best, Float.NEGATIVE_INFINITY);
        float[] products = new float[TILE];
        for (int t = 0; t < tiles.length; t++) {
            int width = Math.min(TILE, offsets.length - t * TILE);
            for (int i = from; i < to; i++) {
                products(rows[i], tiles[t], products);
                for (int c = 0; c < width; c++) {
                    float value = products[c] + offsets[t * TILE + c];
                    if (value > best[i - from]) {
                        best[i - from] = value;
                        nearest[i] = t * TILE + c;
                    }
                }
            }
        }
    }

    private void products(float[] row, float[] tile, float[] into) {
        Arrays.fill(into, 0);
        int whole = features & ~3;
        for (int j = 0; j < whole; j += 4) {
            addFour(row, j, tile, into);
        }
        for (int j = whole; j < features; j++) {
            for (int c = 0; c < TILE; c++) {
                into[c] += row[j] * tile[j * TILE + c];
            }
        }
    }

    private static void addFour(float[] row, int j, float[] tile, float[] into) {
        float x0 = row[j];
        float x1 = row[j + 1];
        float x2 = row[j + 2];
        float x3 = row[j + 3];
        int o = j * TILE;
        for (int c = 0; c < TILE; c++) {
            into[c] +=
                    x0 * tile[o + c]
                            + x1 * tile[o + TILE + c]
                            + (x2 * tile[o + 2 * TILE + c] + x3 * tile[o + 3 * TILE + c]);
        }
    }
}
