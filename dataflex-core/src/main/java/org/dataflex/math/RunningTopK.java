package org.dataflex.math;

import java.util.Arrays;

/**
 * Keeps the k largest of scores that arrive one after the other.
 *
 * <p>Equal scores are ranked by index, lower first, whatever the order in which they arrive. Cost:
 * O(1) a score on average, O(k log k) to read the answer, 16 k bytes at most.
 */
public final class RunningTopK {

    private static final int SMALLEST = 32;

    private final int k;

    /** Score and index in one number, better ones larger; unordered. */
    private long[] keys = new long[0];

    private int size;
    private float threshold;

    /**
     * Starts without scores.
     *
     * @param k how many to keep, at least 1, at most 2^30 - 1
     * @param floor only scores above it count; negative infinity for all
     * @throws IllegalArgumentException if {@code k} is out of range or {@code floor} is NaN
     */
    public RunningTopK(int k, float floor) {
        if (k < 1 || k >= 1 << 30) {
            throw new IllegalArgumentException("k = " + k + ", must be in [1, 2^30)");
        }
        if (Float.isNaN(floor)) {
            throw new IllegalArgumentException("floor = NaN, must be a number");
        }
        this.k = k;
        this.threshold = floor;
    }

    /**
     * Returns a score that others need not be offered below.
     *
     * @return a score that k scores reach, or the floor; a later score at it may still be kept, if
     *     its index is lower than those offered before
     */
    public float threshold() {
        return threshold;
    }

    /**
     * Takes a score into account.
     *
     * @param score any value; NaN and what is not above the floor are left out
     * @param index of the score, at least 0, each offered once
     */
    public void offer(float score, int index) {
        if (!(score >= threshold) || score == threshold && size < k) {
            return;
        }
        if (size == keys.length) {
            grow();
        }
        keys[size++] = key(score, index);
        if (size == 2 * k) {
            keepBest();
        }
    }

    private void grow() {
        long wanted = Math.min(2L * k, Math.max(SMALLEST, 2L * size));
        keys = Arrays.copyOf(keys, (int) wanted);
    }

    private void keepBest() {
        moveLargestToFront(keys, size, k);
        size = k;
        long worst = keys[0];
        for (int i = 1; i < k; i++) {
            worst = Math.min(worst, keys[i]);
        }
        threshold = score(worst);
    }

    /**
     * Ranks what was kept.
     *
     * @return the indices of the k largest scores, or of all if they are fewer; best first
     */
    public int[] indices() {
        return Arrays.stream(ranked()).mapToInt(key -> ~(int) key).toArray();
    }

    /**
     * Ranks what was kept.
     *
     * @return the scores of {@link #indices()}
     */
    public float[] scores() {
        long[] ranked = ranked();
        float[] scores = new float[ranked.length];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = score(ranked[i]);
        }
        return scores;
    }

    private long[] ranked() {
        if (size > k) {
            keepBest();
        }
        Arrays.sort(keys, 0, size);
        long[] ranked = new long[size];
        for (int i = 0; i < size; i++) {
            ranked[i] = keys[size - 1 - i];
        }
        return ranked;
    }

    /**
     * Floats compare as these whole numbers do once the lower bits of negative ones are flipped.
     */
    private static long key(float score, int index) {
        int bits = Float.floatToRawIntBits(score + 0f); // -0 becomes 0
        return (long) (bits ^ (bits >> 31 & Integer.MAX_VALUE)) << 32 | ~index & 0xffffffffL;
    }

    private static float score(long key) {
        int bits = (int) (key >> 32);
        return Float.intBitsToFloat(bits ^ (bits >> 31 & Integer.MAX_VALUE));
    }

    /** Hoare's selection: afterwards the first {@code count} are the largest, in any order. */
    private static void moveLargestToFront(long[] values, int length, int count) {
        int low = 0;
        int high = length - 1;
        while (low < high) {
            long pivot = median(values[low], values[(low + high) >>> 1], values[high]);
            int i = low;
            int j = high;
            while (i <= j) {
                while (values[i] > pivot) {
                    i++;
                }
                while (values[j] < pivot) {
                    j--;
                }
                if (i <= j) {
                    long swapped = values[i];
                    values[i++] = values[j];
                    values[j--] = swapped;
                }
            }
            if (count <= j + 1) {
                high = j;
            } else if (count > i) {
                low = i;
            } else {
                return;
            }
        }
    }

    private static long median(long a, long b, long c) {
        return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    }
}
