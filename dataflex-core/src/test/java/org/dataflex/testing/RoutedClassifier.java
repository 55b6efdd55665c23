package org.dataflex.testing;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.SequentialBlock;
import ai.djl.training.ParameterStore;
import org.dataflex.model.RoutedBlock;

/**
 * A chain of blocks, of which each unit of the first counts as an expert for its largest inputs.
 */
final class RoutedClassifier extends SequentialBlock implements RoutedBlock {

    @Override
    public double[][] expertLoads(ParameterStore parameters, NDList inputs) {
        NDArray units =
                getChildren()
                        .valueAt(0)
                        .forward(parameters, inputs, false, null)
                        .singletonOrThrow();
        double[] loads = new double[(int) units.getShape().get(1)];
        for (long unit : units.argMax(1).toLongArray()) {
            loads[(int) unit]++;
        }
        return new double[][] {loads};
    }
}
