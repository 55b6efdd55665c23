package org.dataflex.math;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Derives seeds from seeds, so that every random choice has its own.
 *
 * <p>The answers of {@link #mix} and {@link #of} are fixed for ever: checkpoints and runs that are
 * to be repeated rely on them. Not for secrets.
 *
 * @see <a href="https://doi.org/10.1145/2660193.2660195">Steele, Lea, Flood: Fast splittable
 *     pseudorandom number generators</a>
 */
public final class Seeds {

    /** 2^64 divided by the golden ratio, as in SplitMix64: keeps 0 from mapping to 0. */
    private static final long GOLDEN_GAMMA = 0x9E37_79B9_7F4A_7C15L;

    private static final long FNV_OFFSET_BASIS = 0xCBF2_9CE4_8422_2325L;
    private static final long FNV_PRIME = 0x0000_0100_0000_01B3L;

    private Seeds() {}

    /**
     * Derives a seed from a seed and what it is for, such as an epoch and a domain.
     *
     * <p>Order matters, and so does the number of parts: {@code mix(s)}, {@code mix(s, 0)}, {@code
     * mix(s, 1, 2)} and {@code mix(s, 2, 1)} are unrelated. For a fixed seed and fixed other parts,
     * different values of one part give different seeds.
     *
     * @param seed any value
     * @param parts what tells this seed from others of the same origin, may be empty
     * @return the derived seed, about uniform over all 64-bit values
     * @throws IllegalArgumentException if {@code parts} is null
     */
    public static long mix(long seed, long... parts) {
        Arguments.notNull("parts", parts);
        long state = avalanche(seed + GOLDEN_GAMMA);
        for (long part : parts) {
            state = avalanche((state ^ part) + GOLDEN_GAMMA);
        }
        return state;
    }

    /**
     * Hashes a text, such as a strategy's name, to a part of a seed.
     *
     * <p>FNV-1a over the UTF-8 bytes, then the finaliser of SplitMix64; unlike {@link
     * String#hashCode}, all 64 bits depend on all characters.
     *
     * @param text any text, may be empty
     * @return the hash
     * @throws IllegalArgumentException if {@code text} is null
     */
    public static long of(String text) {
        Arguments.notNull("text", text);
        long hash = FNV_OFFSET_BASIS;
        for (byte unit : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (unit & 0xFF)) * FNV_PRIME;
        }
        return avalanche(hash);
    }

    /**
     * Returns a generator of its own for a seed and what it is for.
     *
     * @param seed any value
     * @param parts as for {@link #mix}
     * @return a new {@link SplittableRandom} seeded with {@code mix(seed, parts)}
     * @throws IllegalArgumentException if {@code parts} is null
     */
    public static RandomGenerator generator(long seed, long... parts) {
        return new SplittableRandom(mix(seed, parts));
    }

    /** The finaliser of SplitMix64, a bijection: one changed bit changes each bit half the time. */
    static long avalanche(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D0_49BB_1331_11EBL;
        return mixed ^ (mixed >>> 31);
    }
}
