package org.dataflex.math;

import static org.dataflex.math.Rejection.assertRejected;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class SeedsTest {

    @Test
    void avalanche_ofTheGoldenGamma_isSplitMix64sFirstOutput() {
        // The first output of the reference splitmix64.c for state 0.
        assertEquals(0xE220_A839_7B1D_CDAFL, Seeds.mix(0));
    }

    @Test
    void mix_staysAsItIs() {
        // A second implementation, in Python, gave the same numbers.
        assertEquals(0x63CB_E1E4_5932_0DD7L, Seeds.mix(7));
        assertEquals(0xB8B4_C297_7EAB_CE45L, Seeds.mix(7, 0));
        assertEquals(0x16E6_39E2_C7AA_E6E3L, Seeds.mix(7, 1, 2));
        assertEquals(0x2E2D_6F28_A467_9E7DL, Seeds.mix(-1, Long.MIN_VALUE, Long.MAX_VALUE));
    }

    @Test
    void of_staysAsItIs() {
        assertEquals(0xF52A_15E9_A9B5_E89BL, Seeds.of(""));
        assertEquals(0x20DA_5FE3_25A0_AF90L, Seeds.of("less"));
        assertEquals(0x150B_8016_64A3_DA95L, Seeds.of("\u00e9\u4e2d\ud83d\ude00"));
    }

    @Test
    void of_text_isFinishedFnv1a() {
        // FNV-1a test vectors of the algorithm's authors: "" and "a".
        assertEquals(Seeds.avalanche(0xCBF2_9CE4_8422_2325L), Seeds.of(""));
        assertEquals(Seeds.avalanche(0xAF63_DC4C_8601_EC8CL), Seeds.of("a"));
    }

    @Test
    void generator_staysAsItIs() {
        RandomGenerator random = Seeds.generator(7, 1, 2);
        assertEquals(0x46DA_C02A_08AA_EA2CL, random.nextLong());
        assertEquals(0xDD70_3D8D_E46B_B0DAL, random.nextLong());
    }

    @Test
    void generator_equalSeeds_equalNumbers() {
        for (long seed = 0; seed < 1_000; seed++) {
            assertEquals(
                    Seeds.generator(seed, 3).nextLong(),
                    Seeds.generator(seed, 3).nextLong(),
                    "seed " + seed);
        }
    }

    @Test
    void mix_orderAndNumberOfParts_matter() {
        assertNotEquals(Seeds.mix(1, 2), Seeds.mix(2, 1));
        assertNotEquals(Seeds.mix(1, 2, 3), Seeds.mix(1, 3, 2));
        assertNotEquals(Seeds.mix(1), Seeds.mix(1, 0));
        assertNotEquals(Seeds.mix(1, 0), Seeds.mix(1, 0, 0));
    }

    @Test
    void mix_smallSeedsAndParts_neverMeet() {
        Set<Long> seen = new HashSet<>();
        for (long seed = -20; seed < 20; seed++) {
            for (long first = -20; first < 20; first++) {
                for (long second = -10; second < 10; second++) {
                    seen.add(Seeds.mix(seed, first, second));
                }
            }
        }
        assertEquals(40 * 40 * 20, seen.size());
    }

    @Test
    void mix_oneChangedBit_changesHalfOfTheBits() {
        // Mean of 64,000 flips of each kind; a fair one lies within 32 +- 6 * 4 / sqrt(64,000).
        double ofSeed = 0;
        double ofPart = 0;
        for (long seed = 0; seed < 1_000; seed++) {
            long mixed = Seeds.mix(seed, seed);
            for (int bit = 0; bit < 64; bit++) {
                ofSeed += Long.bitCount(mixed ^ Seeds.mix(seed ^ 1L << bit, seed));
                ofPart += Long.bitCount(mixed ^ Seeds.mix(seed, seed ^ 1L << bit));
            }
        }
        assertEquals(32, ofSeed / 64_000, 0.1);
        assertEquals(32, ofPart / 64_000, 0.1);
    }

    @Test
    void of_textsThatShareTheirHashCode_differ() {
        assertEquals("Aa".hashCode(), "BB".hashCode());
        assertNotEquals(Seeds.of("Aa"), Seeds.of("BB"));
        assertTrue(Seeds.of("doremi") != Seeds.of("doremj"));
    }

    @Test
    void nullArguments_areRejected() {
        assertRejected("parts = null, must be given", () -> Seeds.mix(1, (long[]) null));
        assertRejected("parts = null, must be given", () -> Seeds.generator(1, (long[]) null));
        assertRejected("text = null, must be given", () -> Seeds.of(null));
    }
}
