package org.dataflex.data.store;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.dataflex.math.Seeds;

/**
 * Which samples are held out for validation: those whose content hashes lowest.
 *
 * <p>The side of a sample depends on nothing but the seed and its content, so that equal ones, in
 * one domain or in several, are on one side.
 */
final class HeldOut {

    private final long seed;

    /** Samples whose rank is at most this are held out. */
    private final long limit;

    private HeldOut(long seed, long limit) {
        this.seed = seed;
        this.limit = limit;
    }

    /**
     * Chooses; {@code size} is a number of samples, or if below 1 a share of all. More than that
     * are held out only where the last is there several times.
     */
    static HeldOut choose(List<long[]> hashes, double size, long seed) {
        long[] ranks =
                hashes.stream()
                        .flatMapToLong(Arrays::stream)
                        .map(hash -> rank(seed, hash))
                        .sorted()
                        .toArray();
        int n = (int) (size < 1 ? Math.ceil(size * ranks.length) : size);
        if (n >= ranks.length) {
            throw new IllegalArgumentException(
                    "validationSize = "
                            + size
                            + " leaves nothing to train on: there are "
                            + ranks.length
                            + " samples");
        }
        return new HeldOut(seed, ranks[n - 1]);
    }

    /** Positions of the samples on one side. */
    long[] positions(long[] hashes, boolean isHeldOut) {
        return LongStream.range(0, hashes.length)
                .filter(i -> (rank(seed, hashes[(int) i]) <= limit) == isHeldOut)
                .toArray();
    }

    private static long rank(long seed, long hash) {
        return Seeds.mix(seed, hash);
    }
}
