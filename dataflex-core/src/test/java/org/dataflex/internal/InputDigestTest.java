package org.dataflex.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.dataflex.data.SampleIndices;
import org.junit.jupiter.api.Test;

class InputDigestTest {

    private static String hex(float... values) {
        return new InputDigest().add("losses").add(values).hex();
    }

    @Test
    void hex_tellsValuesApart() {
        assertEquals(hex(1, 2), hex(1, 2));
        assertNotEquals(hex(1, 2), hex(2, 1));
        assertNotEquals(hex(1), hex(Math.nextUp(1f)));
        assertNotEquals(hex(0f), hex(-0f));
        assertEquals(16, hex(1).length());
    }

    @Test
    void hex_tellsLoadsApart() {
        String loads = new InputDigest().add(new double[] {1, 2}).hex();
        assertEquals(loads, new InputDigest().add(new double[] {1, 2}).hex());
        assertNotEquals(loads, new InputDigest().add(new double[] {1, Math.nextUp(2.0)}).hex());
    }

    @Test
    void hex_rangesAndTheirValues_areTheSame() {
        String range = new InputDigest().add(SampleIndices.range(3, 6)).hex();
        assertEquals(range, new InputDigest().add(SampleIndices.of(3, 4, 5)).hex());
        assertNotEquals(range, new InputDigest().add(SampleIndices.of(3, 5, 4)).hex());
    }

    /** The count comes first: samples 1, 2 and then 3 are not sample 1 and then 2, 3. */
    @Test
    void hex_tellsWhereOneQuestionEnds() {
        assertNotEquals(
                new InputDigest().add(SampleIndices.of(1, 2)).add(SampleIndices.of(3)).hex(),
                new InputDigest().add(SampleIndices.of(1)).add(SampleIndices.of(2, 3)).hex());
    }
}
