package org.dataflex.internal;

import ai.djl.TrainingDivergedException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import org.dataflex.torch.GraphRecording;

/** Refuses a model that an update has made of no use, before it is kept as a good one. */
final class FiniteParameters {

    private FiniteParameters() {}

    /**
     * Looks at every value on its device.
     *
     * @param parameters the model's
     * @param step updates made
     * @throws TrainingDivergedException naming the first parameter with a value that is not finite
     */
    static void require(PairList<String, Parameter> parameters, long step) {
        for (Pair<String, Parameter> parameter : parameters) {
            NDArray array = parameter.getValue().getArray();
            if (array.getDataType().isFloating()
                    && !GraphRecording.without(() -> isFinite(array))) {
                throw new TrainingDivergedException(
                        "the parameter %s is not finite after step %d; lower the learning rate, or find the loss whose gradient is not finite"
                                .formatted(parameter.getKey(), step));
            }
        }
    }

    /** The extremes of an array with NaN are NaN. */
    private static boolean isFinite(NDArray array) {
        try (NDArray largest = array.max();
                NDArray smallest = array.min()) {
            return isFiniteNumber(largest) && isFiniteNumber(smallest);
        }
    }

    private static boolean isFiniteNumber(NDArray number) {
        try (NDArray wide = number.toType(DataType.FLOAT32, true)) {
            return Float.isFinite(wide.getFloat());
        }
    }
}
