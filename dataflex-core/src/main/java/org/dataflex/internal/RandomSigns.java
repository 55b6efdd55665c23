package org.dataflex.internal;

import java.util.Arrays;
import org.dataflex.math.Seeds;

/** Signs that follow from a seed: 64 to a hash, a set bit for minus. */
final class RandomSigns {

    /** The signs of all bytes, lowest bit first. */
    private static final float[] OF_BYTES = ofBytes();

    private RandomSigns() {}

    private static float[] ofBytes() {
        float[] signs = new float[256 * Byte.SIZE];
        for (int i = 0; i < signs.length; i++) {
            signs[i] = (i / Byte.SIZE >>> i % Byte.SIZE & 1) == 0 ? 1 : -1;
        }
        return signs;
    }

    /**
     * Writes the signs of a row, where sign c is bit c mod 64 of mix(seed, parts, c / 64).
     *
     * @param seed the seed
     * @param parts what tells this row from others
     * @param target where to
     * @param at where the row starts
     * @param count how many signs
     */
    static void write(long seed, long[] parts, float[] target, int at, int count) {
        long[] key = Arrays.copyOf(parts, parts.length + 1);
        long bits = 0;
        for (int c = 0; c < count; c += Byte.SIZE) {
            if (c % Long.SIZE == 0) {
                key[parts.length] = c / Long.SIZE;
                bits = Seeds.mix(seed, key);
            }
            int of = (int) (bits >>> c & 0xFF) * Byte.SIZE;
            System.arraycopy(OF_BYTES, of, target, at + c, Math.min(Byte.SIZE, count - c));
        }
    }

    /**
     * Makes a matrix of rows that {@link #write} writes.
     *
     * @param seed the seed
     * @param parts what tells this matrix from others
     * @param from the number of the first row
     * @param rows how many rows
     * @param columns signs a row
     * @return rows x columns signs, row by row
     */
    static float[] matrix(long seed, long[] parts, long from, int rows, int columns) {
        float[] signs = new float[Math.multiplyExact(rows, columns)];
        long[] row = Arrays.copyOf(parts, parts.length + 1);
        for (int i = 0; i < rows; i++) {
            row[parts.length] = from + i;
            write(seed, row, signs, i * columns, columns);
        }
        return signs;
    }
}
