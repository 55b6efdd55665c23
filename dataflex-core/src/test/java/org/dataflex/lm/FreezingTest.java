package org.dataflex.lm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import java.util.List;
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

    @Test
    void parameters_namesOfRouters_freezeNeitherGateProjectionsNorTheRest() {
        try (NDManager manager = NDManager.newBaseManager()) {
            ExpertConfig experts = new ExpertConfig(3, 2, 6, 0, true);
            DecoderConfig config =
                    TinyLm.config().optQueryKeyNorm(true).optExperts(experts).build();
            CausalLm model = TinyLm.model(manager, config);
            List<String> routers = model.routerNames();
            assertEquals(
                    List.of("model.layers.0.mlp.gate.weight", "model.layers.1.mlp.gate.weight"),
                    routers);
            Freezing.parameters(model, routers);
            assertEquals(
                    model.getParameters().keys().stream()
                            .filter(name -> !routers.contains(name))
                            .toList(),
                    trained(model).toList());
        }
    }

    @Test
    void parameters_unknownNames_areRefusedAndNothingIsFrozen() {
        try (NDManager manager = NDManager.newBaseManager()) {
            CausalLm model = TinyLm.model(manager);
            assertEquals(List.of(), model.routerNames());
            Exception e =
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> Freezing.parameters(model, List.of("model.norm.weight", "gate")));
            assertEquals(
                    "the model has no parameters [gate]; getParameters().keys() lists their names",
                    e.getMessage());
            assertEquals(model.getParameters().size(), trained(model).count());
        }
    }

    private static Stream<String> trained(CausalLm model) {
        return model.getParameters().values().stream()
                .filter(p -> p.requiresGradient() && p.getArray().hasGradient())
                .map(Parameter::getName);
    }
}
