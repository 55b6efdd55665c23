package org.dataflex.loss;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.loss.Loss;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class ClassificationLossTest {

    @Test
    void perSample_isMinusLogProbability() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray scores =
                    manager.create(new float[] {0, 0, 0, (float) Math.log(3)}, new Shape(2, 2));
            NDArray losses =
                    new ClassificationLoss()
                            .perSample(
                                    new NDList(manager.create(new long[] {0, 1})),
                                    new NDList(scores));
            assertArrayEquals(
                    new float[] {(float) Math.log(2), (float) -Math.log(0.75)},
                    losses.toFloatArray(),
                    1e-6f);
        }
    }

    @Test
    void perSample_labelsMayBeFloatsInAColumn() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDList scores = new NDList(manager.randomNormal(new Shape(3, 4)));
            NDArray labels = manager.create(new float[] {3, 0, 1}, new Shape(3, 1));
            NDArray flat = manager.create(new long[] {3, 0, 1});
            assertArrayEquals(
                    new ClassificationLoss().perSample(new NDList(flat), scores).toFloatArray(),
                    new ClassificationLoss().perSample(new NDList(labels), scores).toFloatArray());
        }
    }

    @Test
    void evaluate_isTheMean_asDjlsOwnLoss() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDList scores = new NDList(manager.randomNormal(new Shape(5, 4)));
            NDList labels = new NDList(manager.create(new long[] {3, 0, 1, 2, 2}));
            assertEquals(
                    Loss.softmaxCrossEntropyLoss().evaluate(labels, scores).getFloat(),
                    new ClassificationLoss().evaluate(labels, scores).getFloat(),
                    1e-6f);
        }
    }

    @Test
    void of_makesALossFromAFunction() {
        PerSampleLoss squared =
                PerSampleLoss.of(
                        "squared", (y, z) -> z.head().sub(y.head()).square().sum(new int[] {1}));
        try (NDManager manager = NDManager.newBaseManager()) {
            NDList z = new NDList(manager.create(new float[] {1, 2, 3, 4}, new Shape(2, 2)));
            NDList y = new NDList(manager.zeros(new Shape(2, 2)));
            assertArrayEquals(new float[] {5, 25}, squared.perSample(y, z).toFloatArray());
            assertEquals(15f, squared.evaluate(y, z).getFloat());
            assertEquals("squared", squared.getName());
        }
    }
}
