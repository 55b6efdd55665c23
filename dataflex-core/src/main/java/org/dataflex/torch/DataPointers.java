package org.dataflex.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.LibUtils;
import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.nio.file.Path;

/**
 * Tells where arrays lie, for native libraries that read and write them without a copy.
 *
 * <p>PyTorch says it through a plain C function, on the CPU and on GPUs.
 */
public final class DataPointers {

    private static final String FUNCTION = "aoti_torch_get_data_ptr";

    private DataPointers() {}

    /**
     * Returns the address of an array's first number.
     *
     * <p>It is valid while the array is open. Numbers follow each other in row-major order only if
     * the array is contiguous.
     *
     * @param array the array
     * @return the address, on the array's device
     * @throws UnsupportedEngineException if the array is another engine's, or PyTorch is too old
     */
    public static long of(NDArray array) {
        if (!(array instanceof PtNDArray tensor)) {
            throw new UnsupportedEngineException("a data pointer needs the engine PyTorch");
        }
        PointerByReference address = new PointerByReference();
        Pointer handle = new Pointer(tensor.getHandle());
        if (function().invokeInt(new Object[] {handle, address}) != 0) {
            throw new IllegalStateException(FUNCTION + " failed for " + array.getShape());
        }
        return Pointer.nativeValue(address.getValue());
    }

    private static Function function() {
        Path library = Path.of(LibUtils.getLibtorchPath(), System.mapLibraryName("torch_cpu"));
        try {
            return NativeLibrary.getInstance(library.toString())
                    .getFunction(FUNCTION); // JNA caches
        } catch (UnsatisfiedLinkError e) {
            throw new UnsupportedEngineException("no " + FUNCTION + " in " + library, e);
        }
    }
}
