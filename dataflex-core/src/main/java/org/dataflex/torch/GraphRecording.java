package org.dataflex.torch;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.function.Supplier;

/**
 * Says whether a thread's operators, DJL's included, are recorded for backward.
 *
 * <p>DJL switches recording off for the thread that starts the engine, and on where a gradient
 * collector is open. Every other thread records from its start, and so keeps all intermediate
 * results of a forward pass over trained parameters: scoring on worker threads belongs inside
 * {@link #without}.
 */
public final class GraphRecording {

    private GraphRecording() {}

    /**
     * Starts a backward pass at an array whose gradient is known; needs an open gradient collector.
     *
     * @param array a recorded array
     * @param gradient its gradient, of its shape
     */
    public static void backward(NDArray array, NDArray gradient) {
        JniUtils.backward((PtNDArray) array, (PtNDArray) gradient, false, false);
    }

    /** Tells whether this thread's operators are recorded. */
    public static boolean isOn() {
        Engine.getEngine(OperatorModule.ENGINE); // starts it, if nothing has
        return JniUtils.isGradMode();
    }

    /**
     * Computes without recording, and then goes on as before; also inside a gradient collector.
     *
     * @param computation what to compute, on this thread
     * @param <T> the type of the result
     * @return the result
     */
    public static <T> T without(Supplier<T> computation) {
        if (!isOn()) {
            return computation.get();
        }
        JniUtils.setGradMode(false);
        try {
            return computation.get();
        } finally {
            JniUtils.setGradMode(true);
        }
    }
}
