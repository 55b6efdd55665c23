package org.dataflex.math;

import java.util.Arrays;

/**
 * Sums the k largest of values that arrive one after the other.
 *
 * <p>Cost: O(1) a value that is too small, else O(log k); 4 k bytes at most, and as many as values
 * arrive if they are fewer.
 */
public final class LargestSum {

    private static final int SMALLEST = 8;

    private final int k;

    /** Once full, a heap: none is larger than those at 2i + 1 and 2i + 2. */
    private float[] values = new float[0];

    private int size;

    /**
     * Starts without values.
     *
     * @param k how many to sum, at least 0
     * @throws IllegalArgumentException if it is negative
     */
    public LargestSum(int k) {
        Arguments.atLeast("k", k, 0);
        this.k = k;
    }

    /**
     * Takes a value into account.
     *
     * @param value any but NaN
     */
    public void offer(float value) {
        if (size < k) {
            if (size == values.length) {
                values = Arrays.copyOf(values, (int) Math.min(k, Math.max(SMALLEST, 2L * size)));
            }
            values[size++] = value;
            if (size == k) {
                Arrays.sort(values); // which is a heap
            }
        } else if (k > 0 && value > values[0]) {
            replaceSmallest(value);
        }
    }

    private void replaceSmallest(float value) {
        int place = 0;
        int child = 1;
        while (child < k) {
            if (child + 1 < k && values[child + 1] < values[child]) {
                child++;
            }
            if (values[child] >= value) {
                break;
            }
            values[place] = values[child];
            place = child;
            child = 2 * place + 1;
        }
        values[place] = value;
    }

    /**
     * Returns the sum.
     *
     * @return the sum of the k largest values, or of all if they are fewer; added smallest first
     */
    public double sum() {
        float[] ascending = Arrays.copyOf(values, size);
        Arrays.sort(ascending);
        double sum = 0;
        for (float value : ascending) {
            sum += value;
        }
        return sum;
    }
}
