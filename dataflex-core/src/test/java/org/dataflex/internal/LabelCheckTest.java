package org.dataflex.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import org.dataflex.DynamicTrainer;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.TokenSequences;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.PointSamples;
import org.dataflex.testing.TinyTextRuns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class LabelCheckTest {

    private static TokenSequences promptsAlone() {
        return TokenSequences.builder()
                .add(new int[] {1, 2}, 2)
                .add(new int[] {3, 4, 5}, 3)
                .build();
    }

    private static TokenSequences mixed() {
        return TokenSequences.builder()
                .add(new int[] {1, 2}, 1)
                .add(new int[] {3, 4, 5}, 3)
                .add(new int[] {6}) // the first token is not predicted
                .build();
    }

    private static void assertRefused(String name, DynamicTrainer.Builder builder) {
        assertEquals(
                "cannot build the trainer:\n  - "
                        + name
                        + " has no sample with a token to predict; mark answers as targets, or take"
                        + " other samples",
                assertThrows(IllegalStateException.class, builder::build).getMessage());
    }

    @Test
    void hasTarget_isThatOfATokenAfterTheFirst() {
        assertTrue(mixed().hasTarget(0));
        assertFalse(mixed().hasTarget(1));
        assertFalse(mixed().hasTarget(2));
        CandidatePool pool =
                CandidatePool.builder()
                        .addDomain("points", new PointSamples(2, 1))
                        .addDomain("texts", mixed())
                        .build();
        assertTrue(pool.hasTarget(1));
        assertTrue(pool.hasTarget(2));
        assertFalse(pool.hasTarget(3));
    }

    @Test
    void build_nothingToPredictAtAll_isRefused() {
        try (Model model = TinyTextRuns.model()) {
            assertRefused(
                    "domain 'b' of the pool",
                    TinyTextRuns.trainer(model)
                            .setPool(
                                    CandidatePool.builder()
                                            .addDomain("a", TinyTextRuns.texts(1))
                                            .addDomain("b", promptsAlone())
                                            .build()));
            assertRefused(
                    "validation set 'v'",
                    TinyTextRuns.trainer(model).addValidationSet("v", promptsAlone()));
            TinyTextRuns.trainer(model).addValidationSet("v", mixed()).build().close();
        }
    }
}
