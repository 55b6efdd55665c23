package org.dataflex.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtSymbolBlock;
import java.util.Set;

/**
 * Products by oneDNN's kernels, which some CPUs run twice as fast as PyTorch's own choice.
 *
 * <p>Its operators are a module of their own: a PyTorch that was built without oneDNN lacks them,
 * and then, as on a GPU, PyTorch chooses.
 */
final class OneDnn {

    private static final String SOURCE =
            """
            class Ops(Module):
              def product(self, x: Tensor, y: Tensor) -> Tensor:
                none = annotate(List[Optional[number]], [])
                return ops.mkldnn._linear_pointwise(x, y, None, "none", none, "")

              def has_bfloat16(self, x: Tensor) -> Tensor:
                return torch.full_like(x, float(ops.mkldnn._is_mkldnn_bf16_supported()))
            """;

    private static final boolean IS_X86 =
            Set.of("amd64", "x86_64").contains(System.getProperty("os.arch"));

    private OneDnn() {}

    /** Returns x y' of float32 x [m, d] and y [n, d]; records nothing. */
    static NDArray product(NDArray x, NDArray y) {
        if (x.getDevice().isGpu() || Loaded.MODULE == null) {
            OperatorCall call = OperatorCall.of("linear", x.getManager()).with(x).with(y);
            return call.with(Precision.FLOAT32).with(Precision.FLOAT32).withoutGraph().array();
        }
        OperatorCall call = OperatorCall.of(Loaded.MODULE, "product", x.getManager());
        return call.with(x).with(y).withoutGraph().array();
    }

    /**
     * Tells whether products of int8 on an array's device are known to be faster than float32's.
     */
    static boolean isInt8Fast(NDArray array) {
        return !array.getDevice().isGpu() && IS_X86 && Loaded.HAS_BFLOAT16; // so, has AVX-512
    }

    /** Loaded once, when first asked for. */
    private static final class Loaded {

        static final PtSymbolBlock MODULE = load();
        static final boolean HAS_BFLOAT16 = MODULE != null && hasBfloat16();

        private static PtSymbolBlock load() {
            try {
                return OperatorModule.load(OperatorModule.newManager(), SOURCE);
            } catch (UnsupportedEngineException e) {
                return null;
            }
        }

        private static boolean hasBfloat16() {
            try (var manager = OperatorModule.newManager();
                    NDArray one = manager.create(1f);
                    NDArray answer =
                            OperatorCall.of(MODULE, "has_bfloat16", manager)
                                    .with(one)
                                    .withoutGraph()
                                    .array()) {
                return answer.getFloat() > 0;
            }
        }
    }
}
