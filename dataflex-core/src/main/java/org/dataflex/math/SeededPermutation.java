package org.dataflex.math;

/**
 * A fixed shuffled order of the numbers from 0 to size - 1 that takes no memory.
 *
 * <p>Each number is computed from its position, so that a reader can start anywhere: a cursor into
 * a shuffled epoch is one number. Like {@link Seeds}, the order of a size and seed is fixed for
 * ever. Immutable and safe for use by many threads.
 *
 * <p>Cost: O(1) memory; {@link #at} takes {@value #NUM_ROUNDS} rounds of mixing, on average less
 * than four times.
 *
 * @see <a href="https://doi.org/10.1007/3-540-45760-7_9">Black, Rogaway: Ciphers with arbitrary
 *     finite domains</a>
 */
public final class SeededPermutation {
    /*
     * A balanced Feistel network permutes the 2^(2h) values of two halves of h bits, whatever its
     * round function is. The smallest such power that holds `size` is less than four times `size`
     * (or is 4). Cycle walking - going on from a value out of range until one is in range - makes a
     * permutation of [0, size) of it, as each cycle of the network visits its values in range in
     * some order.
     *
     * The round count is for tiny sizes. With halves of one bit there are only four round
     * functions, and the chance of each order of three numbers is off by a factor of 2^-rounds
     * (found by enumeration): 12 rounds leave 0.02 %, 6 would leave 1.6 %.
     */
    private static final int NUM_ROUNDS = 12;

    private final long size;
    private final int halfBits;
    private final long halfMask;
    private final long[] roundKeys;

    /**
     * Makes the order of a size and a seed.
     *
     * @param size how many numbers, at least 1
     * @param seed any value
     * @throws IllegalArgumentException if {@code size} is less than 1
     */
    public SeededPermutation(long size, long seed) {
        Arguments.atLeast("size", size, 1);
        this.size = size;
        int bits = Long.SIZE - Long.numberOfLeadingZeros(size - 1);
        halfBits = Math.max(1, (bits + 1) / 2);
        halfMask = (1L << halfBits) - 1;
        roundKeys = new long[NUM_ROUNDS];
        for (int round = 0; round < NUM_ROUNDS; round++) {
            roundKeys[round] = Seeds.mix(seed, round);
        }
    }

    /**
     * Returns how many numbers there are.
     *
     * @return the size, at least 1
     */
    public long size() {
        return size;
    }

    /**
     * Returns the number at a position; each number of [0, size) has exactly one position.
     *
     * @param index the position, in [0, size)
     * @return the number, in [0, size)
     * @throws IllegalArgumentException if {@code index} is out of range
     */
    public long at(long index) {
        if (index < 0 || index >= size) {
            throw new IllegalArgumentException(
                    "index = " + index + ", must be in [0, " + size + ")");
        }
        long value = index;
        do {
            value = permute(value);
        } while (Long.compareUnsigned(value, size) >= 0); // up to 64 bits: sizes beyond 2^62
        return value;
    }

    private long permute(long value) {
        long left = value >>> halfBits;
        long right = value & halfMask;
        for (long key : roundKeys) {
            long mixed = left ^ (Seeds.avalanche(right ^ key) & halfMask);
            left = right;
            right = mixed;
        }
        return left << halfBits | right;
    }
}
