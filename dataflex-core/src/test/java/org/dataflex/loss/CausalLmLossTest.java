package org.dataflex.loss;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class CausalLmLossTest {

    @Test
    void perSample_equalsTheReference() throws Exception {
        JsonNode golden;
        try (InputStream in = getClass().getResourceAsStream("per-sample-loss.json")) {
            golden = new ObjectMapper().readTree(in);
        }
        float[] logits = new ObjectMapper().convertValue(golden.path("logits"), float[].class);
        long[] labels = new ObjectMapper().convertValue(golden.path("labels"), long[].class);
        float[] losses = new ObjectMapper().convertValue(golden.path("losses"), float[].class);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray actual =
                    new CausalLmLoss()
                            .perSample(
                                    new NDList(manager.create(labels, new Shape(3, 5))),
                                    new NDList(manager.create(logits, new Shape(3, 5, 4))));
            assertArrayEquals(losses, actual.toFloatArray(), 1e-6f);
        }
    }

    @Test
    void perSample_withoutTargets_isZeroAndHasZeroGradient() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray logits = manager.ones(new Shape(1, 3, 4));
            logits.setRequiresGradient(true);
            NDArray labels = manager.create(new long[] {-100, -100, -100}, new Shape(1, 3));
            try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
                NDArray loss = new CausalLmLoss().perSample(new NDList(labels), new NDList(logits));
                assertEquals(0f, loss.getFloat(0));
                collector.backward(loss.sum());
            }
            assertArrayEquals(new float[12], logits.getGradient().toFloatArray());
        }
    }

    @Test
    void perSample_firstLabelIsNeverPredicted() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray logits = manager.randomNormal(new Shape(1, 3, 4));
            float[] losses = new float[2];
            for (int first = 0; first < 2; first++) {
                NDArray labels = manager.create(new long[] {first, 2, 3}, new Shape(1, 3));
                losses[first] =
                        new CausalLmLoss()
                                .perSample(new NDList(labels), new NDList(logits))
                                .getFloat(0);
            }
            assertEquals(losses[0], losses[1]);
        }
    }
}
