package org.dataflex.testing;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.SequentialBlock;
import ai.djl.training.ParameterStore;
import org.dataflex.model.HiddenStates;
import org.dataflex.model.RoutedBlock;

/**
 * A chain of blocks, of which each unit of the first counts as an expert for its largest inputs. A
 * point is its own only token, whose state is the hidden layer's.
 */
final class RoutedClassifier extends SequentialBlock implements RoutedBlock, HiddenStates {

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

    @Override
    public NDArray hiddenStates(ParameterStore parameters, NDList inputs, boolean training) {
        NDList linear = getChildren().get(0).getValue().forward(parameters, inputs, training);
        NDList hidden = getChildren().get(1).getValue().forward(parameters, linear, training);
        return hidden.head().expandDims(1);
    }

    @Override
    public NDArray tokenMask(NDList inputs) {
        NDArray points = inputs.head();
        return points.getManager().ones(new Shape(points.getShape().get(0), 1));
    }
}
