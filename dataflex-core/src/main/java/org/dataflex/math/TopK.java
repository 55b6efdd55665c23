package org.dataflex.math;

import java.util.function.IntToDoubleFunction;

/**
 * Finds the largest of many scores.
 *
 * <p>Equal scores are ranked by index, lower first; NaN ranks last, below negative infinity. Cost:
 * O(n log k) time and O(k) memory.
 */
public final class TopK {

    private TopK() {}

    /**
     * Finds the indices of the largest scores.
     *
     * @param scores n of them, any values
     * @param k how many to find, in [0, n]
     * @return k indices, largest score first
     * @throws IllegalArgumentException if {@code k} is out of range
     */
    public static int[] largest(float[] scores, int k) {
        Arguments.notNull("scores", scores);
        return largest(i -> scores[i], scores.length, k);
    }

    /**
     * Finds the indices of the largest scores.
     *
     * @param scores n of them, any values
     * @param k how many to find, in [0, n]
     * @return k indices, largest score first
     * @throws IllegalArgumentException if {@code k} is out of range
     */
    public static int[] largest(double[] scores, int k) {
        Arguments.notNull("scores", scores);
        return largest(i -> scores[i], scores.length, k);
    }

    private static int[] largest(IntToDoubleFunction scores, int size, int k) {
        if (k < 0 || k > size) {
            throw new IllegalArgumentException("k = " + k + ", must be in [0, " + size + "]");
        }
        if (k == 0) {
            return new int[0];
        }
        WorstFirstHeap heap = new WorstFirstHeap(scores, k);
        for (int i = k; i < size; i++) {
            heap.offer(i);
        }
        return heap.drain();
    }

    /** The k best indices so far, as a binary heap with the worst of them at the root. */
    private static final class WorstFirstHeap {

        private final IntToDoubleFunction scores;
        private final int[] indices;

        WorstFirstHeap(IntToDoubleFunction scores, int k) {
            this.scores = scores;
            indices = new int[k];
            for (int i = 0; i < k; i++) {
                indices[i] = i;
            }
            for (int node = k / 2 - 1; node >= 0; node--) {
                siftDown(node, k);
            }
        }

        void offer(int index) {
            if (ranksBefore(index, indices[0])) {
                indices[0] = index;
                siftDown(0, indices.length);
            }
        }

        /** Sorts the heap in place, the worst to the end; it is a heap no more. */
        int[] drain() {
            for (int last = indices.length - 1; last > 0; last--) {
                swap(0, last);
                siftDown(0, last);
            }
            return indices;
        }

        private void siftDown(int start, int size) {
            int node = start;
            int worst = worstOfFamily(node, size);
            while (worst != node) {
                swap(node, worst);
                node = worst;
                worst = worstOfFamily(node, size);
            }
        }

        private int worstOfFamily(int node, int size) {
            int left = 2 * node + 1;
            int right = left + 1;
            int worst = node;
            if (left < size && ranksBefore(indices[worst], indices[left])) {
                worst = left;
            }
            if (right < size && ranksBefore(indices[worst], indices[right])) {
                worst = right;
            }
            return worst;
        }

        private boolean ranksBefore(int a, int b) {
            double scoreA = scores.applyAsDouble(a);
            double scoreB = scores.applyAsDouble(b);
            if (scoreA > scoreB) {
                return true;
            }
            if (scoreA < scoreB) {
                return false;
            }
            boolean nanA = Double.isNaN(scoreA);
            boolean nanB = Double.isNaN(scoreB);
            return nanA == nanB ? a < b : nanB;
        }

        private void swap(int a, int b) {
            int index = indices[a];
            indices[a] = indices[b];
            indices[b] = index;
        }
    }
}
