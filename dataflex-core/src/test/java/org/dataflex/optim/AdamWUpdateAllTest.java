package org.dataflex.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
import java.util.List;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class AdamWUpdateAllTest {

    private static final Shape[] SHAPES = {new Shape(3, 4), new Shape(5), new Shape(2, 2, 2)};

    private static AdamW.Builder settings() {
        return AdamW.builder()
                .optWeightDecays(0.1f)
                .optLearningRateTracker(LearningRateSchedule.linear(0.1f, 0, 1, 4))
                .setRescaleGrad(0.5f)
                .optClipGrad(0.8f);
    }

    private static List<Parameter> parameters(NDManager manager, DataType type) {
        List<Parameter> parameters = new ArrayList<>();
        for (Shape shape : SHAPES) {
            Parameter parameter =
                    Parameter.builder()
                            .setName("p" + parameters.size())
                            .setType(Parameter.Type.WEIGHT)
                            .optShape(shape)
                            .build();
            parameter.setInitializer(
                    (m, s, t) -> m.arange(s.size()).reshape(s).toType(type, false).sin());
            parameter.initialize(manager, type);
            parameters.add(parameter);
        }
        return parameters;
    }

    private static void backward(List<Parameter> parameters) {
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            for (Parameter parameter : parameters) {
                collector.backward(parameter.getArray().cos().sum());
            }
        }
    }

    @Test
    void updateAll_givesTheBitsOfOneAfterTheOther() {
        try (NDManager manager = NDManager.newBaseManager();
                AdamW together = settings().build();
                AdamW alone = settings().build()) {
            List<Parameter> all = parameters(manager, DataType.FLOAT32);
            List<Parameter> each = parameters(manager, DataType.FLOAT32);
            for (int step = 1; step <= 3; step++) {
                backward(all);
                backward(each);
                together.updateAll(all);
                for (Parameter parameter : each) {
                    try (NDArray gradient = parameter.getArray().getGradient()) {
                        alone.update(parameter.getId(), parameter.getArray(), gradient);
                    }
                }
                assertEquals(step, together.updates());
            }
            for (int i = 0; i < SHAPES.length; i++) {
                assertSameBits(each.get(i).getArray(), all.get(i).getArray());
                String id = all.get(i).getId();
                assertSameBits(
                        alone.mean(each.get(i).getId()).orElseThrow(),
                        together.mean(id).orElseThrow());
                try (NDArray gradient = all.get(i).getArray().getGradient()) {
                    assertArrayEquals(
                            new float[(int) SHAPES[i].size()], gradient.toFloatArray(), 0);
                }
            }
        }
    }

    private static void assertSameBits(NDArray expected, NDArray actual) {
        assertArrayEquals(expected.toFloatArray(), actual.toFloatArray());
    }

    @Test
    void updateAll_float64_isRefusedByName() {
        try (NDManager manager = NDManager.newBaseManager();
                AdamW adamW = settings().build()) {
            List<Parameter> parameters = parameters(manager, DataType.FLOAT64);
            IllegalArgumentException e =
                    assertThrows(IllegalArgumentException.class, () -> adamW.updateAll(parameters));
            assertEquals("AdamW updates float32; p0 (3, 4) is float64", e.getMessage());
        }
    }
}
