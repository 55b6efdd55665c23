package org.dataflex.lm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import java.util.stream.Stream;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class FreezingTest {

    @Test
    void freezing_allNoneAndAllButTheLast_trainsTheRest() {
        try (NDManager manager = NDManager.newBaseManager()) {
            CausalLm model = TinyLm.model(manager);
            Freezing.allButLastLayers(model, 1);
            assertEquals(
                    model.getParameters().keys().stream()
                            .filter(name -> name.startsWith("model.layers.1."))
                            .toList(),
                    trained(model).toList());
            Freezing.allButLastLayers(model, 2);
            assertEquals(18, trained(model).count());
            Freezing.all(model);
            assertEquals(0, trained(model).count());
            Freezing.none(model);
            assertEquals(model.getParameters().size(), trained(model).count());
        }
    }

    @Test
    void allButLastLayers_moreThanThereAre_isRefused() {
        CausalLm model = new CausalLm(TinyLm.config().build(), 1);
        Exception e =
                assertThrows(
                        IllegalArgumentException.class, () -> Freezing.allButLastLayers(model, 3));
        assertEquals("numLayers = 3, must be from 0 to 2", e.getMessage());
    }

    private static Stream<String> trained(CausalLm model) {
        return model.getParameters().values().stream()
                .filter(p -> p.requiresGradient() && p.getArray().hasGradient())
                .map(Parameter::getName);
    }
}
