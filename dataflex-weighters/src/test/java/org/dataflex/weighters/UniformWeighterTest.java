package org.dataflex.weighters;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.dataflex.strategy.Weighter;
import org.dataflex.testing.FakeContexts;
import org.dataflex.testing.FakePool;
import org.dataflex.testing.WeighterContract;
import org.junit.jupiter.api.Test;

class UniformWeighterTest implements WeighterContract {

    @Override
    public Weighter create() {
        return new UniformWeighter();
    }

    @Test
    void nameAndSettings() {
        assertEquals("uniform", new UniformWeighter().name());
        assertEquals(Map.of(), new UniformWeighter().settings());
    }

    @Test
    void weigh_anyLosses_givesOnes() {
        assertArrayEquals(
                new float[] {1, 1, 1},
                new UniformWeighter()
                        .weigh(FakeContexts.of(FakePool.ofSize(3)).weighting(0, 5, 1e30f))
                        .toArray());
    }
}
