package org.dataflex.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class SamplesTest {

    private final SampleSet set =
            TokenSequences.builder()
                    .add(new int[] {1})
                    .add(new int[] {2})
                    .add(new int[] {3})
                    .build();

    @Test
    void all_ofASet_namesEverySampleInOrder() {
        assertEquals(new Samples(set, SampleIndices.of(0, 1, 2)), Samples.all(set));
        assertEquals(3, Samples.all(set).size());
    }

    @Test
    void chunks_unevenSize_keepsSourceAndOrder() {
        assertEquals(
                List.of(
                        new Samples(set, SampleIndices.of(0, 1)),
                        new Samples(set, SampleIndices.of(2))),
                Samples.all(set).chunks(2));
    }

    @Test
    void new_nullPart_isNamed() {
        SampleIndices none = SampleIndices.of();
        Exception source = assertThrows(NullPointerException.class, () -> new Samples(null, none));
        assertEquals("source", source.getMessage());
        Exception indices = assertThrows(NullPointerException.class, () -> new Samples(set, null));
        assertEquals("indices", indices.getMessage());
    }

    @Test
    void domain_withoutName_isRefused() {
        for (String name : new String[] {null, "", " "}) {
            Exception e = assertThrows(IllegalArgumentException.class, () -> new Domain(name));
            assertEquals("a domain's name is " + name + "; give it a name", e.getMessage());
        }
    }
}
