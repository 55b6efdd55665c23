package org.dataflex.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;

/**
 * An array as one call sees it: the same native tensor under another name and manager.
 *
 * <p>DJL tells how to pass an array from its name, and whose a result is from the first array's
 * manager. Saying both of an alias leaves the caller's array alone, which other threads may be
 * using and whose own name (a parameter's has dots) DJL would misread. It costs one Java object; it
 * owns nothing, so closing it does nothing.
 */
final class Operand extends PtNDArray {

    private final NDArray source; // keeps what the native tensor may share memory with reachable
    private final PtNDManager owner;

    /**
     * Makes an alias.
     *
     * @param source the array
     * @param handle its native tensor
     * @param name what DJL shall read, or null
     * @param registry where the constructor of the super class attaches it for a moment
     * @param owner what {@link #getManager} shall answer
     */
    Operand(NDArray source, long handle, String name, PtNDManager registry, PtNDManager owner) {
        super(registry, handle);
        detach();
        this.source = source;
        this.owner = owner;
        setName(name);
    }

    @Override
    public PtNDManager getManager() {
        return owner;
    }

    /** Answers without asking: DJL has no answer for bfloat16, and only asks whether it is text. */
    @Override
    public DataType getDataType() {
        return DataType.UNKNOWN;
    }

    @Override
    public void close() {
        // the tensor is the source's
    }

    @Override
    public String toString() {
        return getName() + " = " + source.getShape();
    }
}
