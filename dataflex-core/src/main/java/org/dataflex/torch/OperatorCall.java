package org.dataflex.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;

/** One call of a method of {@code ops.py}: its operands in order, the first an array. */
final class OperatorCall {

    /*
     * DJL offers two ways to call TorchScript. IValueUtils.runMethod takes numbers, but runs in
     * inference mode: no gradients, and results that no later gradient may use. IValueUtils.forward
     * with training = true obeys the thread's gradient mode, but takes arrays only and reads how to
     * pass them from their names:
     *
     *   module_method:F    not passed: names the method
     *   L[]                element of a list; equal names, one list
     *   a.b                element of a dictionary (so no operand may keep a parameter's name)
     *   null               passed as it is; an array of text as a string
     *
     * So everything goes through forward, arrays as an Operand with the name that fits, numbers as
     * text, which lives on the Java heap and never on a GPU.
     */
    private final PtSymbolBlock module;
    private final String operator;
    private final PtNDManager owner;
    private final NDList operands = new NDList();
    private boolean records = true;

    private OperatorCall(PtSymbolBlock module, String operator, PtNDManager owner) {
        this.module = module;
        this.operator = operator;
        this.owner = owner;
    }

    /**
     * Starts a call.
     *
     * @param operator a method of {@code ops.py}
     * @param owner whose the results shall be
     * @throws UnsupportedEngineException if the owner is another engine's
     */
    static OperatorCall of(String operator, NDManager owner) {
        if (owner instanceof PtNDManager manager) {
            return new OperatorCall(OperatorModule.get(), operator, manager);
        }
        throw unsupported(operator, owner);
    }

    /** Starts a call of another module's method. */
    static OperatorCall of(PtSymbolBlock module, String operator, NDManager owner) {
        return new OperatorCall(module, operator, (PtNDManager) owner);
    }

    OperatorCall with(NDArray array) {
        return add(array, null);
    }

    OperatorCall withAll(NDList arrays) {
        if (arrays.isEmpty()) { // DJL would pass nothing in its place
            throw new IllegalArgumentException(operator + ": no arrays");
        }
        String name = "list" + operands.size() + "[]";
        arrays.forEach(array -> add(array, name));
        return this;
    }

    OperatorCall with(long number) {
        return with(Long.toString(number));
    }

    OperatorCall with(double number) {
        return with(Double.toString(number)); // the shortest text that reads back as the same bits
    }

    OperatorCall with(boolean flag) {
        return with(flag ? "1" : "0");
    }

    OperatorCall with(Precision precision) {
        return with(precision.torchType());
    }

    /** Makes the call record nothing for backward, as updates in place must. */
    OperatorCall withoutGraph() {
        records = false;
        return this;
    }

    /** Runs the operator and returns its only result. */
    NDArray array() {
        return arrays().singletonOrThrow();
    }

    /** Runs the operator and returns its results. */
    NDList arrays() {
        with("");
        operands.get(operands.size() - 1).setName("module_method:" + operator);
        JniUtils.setGraphExecutorOptimize(false); // is a setting of the thread, and has no getter
        return records ? run() : GraphRecording.without(this::run);
    }

    private NDList run() {
        return IValueUtils.forward(module, operands, true);
    }

    private OperatorCall add(NDArray array, String name) {
        if (!(array instanceof PtNDArray tensor)) {
            throw unsupported(operator, array.getManager());
        }
        operands.add(new Operand(array, tensor.getHandle(), name, Registry.MANAGER, owner));
        return this;
    }

    OperatorCall with(String text) {
        operands.add(new PtNDArray(Registry.MANAGER, new String[] {text}, new Shape()));
        return this;
    }

    private static UnsupportedEngineException unsupported(String operator, NDManager manager) {
        String engine = manager.getEngine() == null ? "none" : manager.getEngine().getEngineName();
        return new UnsupportedEngineException(
                operator + " needs the engine PyTorch; the array's engine is " + engine);
    }

    /**
     * The manager that native constructors ask for; started with the first operand, holds nothing.
     */
    private static final class Registry {
        static final PtNDManager MANAGER = OperatorModule.newManager();
    }
}
