package org.dataflex.lm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LoraConfigTest {

    @Test
    void build_optionalSettingsAreLeftOut_scalesByTwo() {
        assertEquals(
                new LoraConfig(8, 16, 0, Set.of(), false), LoraConfig.builder().setRank(8).build());
    }

    @Test
    void scale_plainAndStabilized_isAlphaByRankOrItsRoot() {
        assertEquals(2, LoraConfig.builder().setRank(5).build().scale(), 0);
        LoraConfig.Builder builder = LoraConfig.builder().setRank(16).optAlpha(8);
        assertEquals(0.5, builder.build().scale(), 0);
        assertEquals(2, builder.optRankStabilized(true).build().scale(), 0);
    }

    @Test
    void build_settingsAreWrong_messageHasALineForEach() {
        LoraConfig.Builder builder = LoraConfig.builder().optAlpha(-1).optDropout(1);
        Exception e = assertThrows(IllegalArgumentException.class, builder::build);
        assertEquals(
                List.of(
                        "rank = 0, must be at least 1",
                        "alpha = -1.0, must be positive and finite",
                        "dropout = 1.0, must be in [0, 1)"),
                e.getMessage().lines().toList());
    }
}
