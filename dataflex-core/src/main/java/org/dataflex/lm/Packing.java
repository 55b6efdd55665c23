package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import java.util.Optional;
import org.dataflex.torch.PackingOps;

/**
 * How the samples of a batch lie end to end in one row.
 *
 * <p>B samples of up to T tokens are N tokens without padding. Only attention looks beyond a token:
 * there each sample has a row of its own, which no other sample's token can enter.
 */
final class Packing {

    private final int[] lengths;
    private final int columns;

    private Packing(int[] lengths, int columns) {
        this.lengths = lengths;
        this.columns = columns;
    }

    /**
     * Finds how to pack a batch; looks at the device.
     *
     * @param inputs as for {@link CausalLm#forward}
     * @return empty if there is no padding to leave out, or some is not on the right
     */
    static Optional<Packing> of(NDList inputs) {
        return inputs.size() == 1 ? Optional.empty() : of(inputs.get(1));
    }

    private static Optional<Packing> of(NDArray mask) {
        int rows = (int) mask.getShape().get(0);
        int columns = (int) mask.getShape().get(1);
        float[] values = read(mask);
        int[] lengths = new int[rows];
        for (int i = 0; i < values.length; i++) {
            if (values[i] > 0) {
                int row = i / columns;
                if (lengths[row]++ != i % columns) {
                    return Optional.empty(); // a token after padding
                }
            }
        }
        boolean isPadded = Arrays.stream(lengths).anyMatch(length -> length < columns);
        return isPadded ? Optional.of(new Packing(lengths, columns)) : Optional.empty();
    }

    private static float[] read(NDArray mask) {
        if (mask.getDataType() == DataType.FLOAT32) {
            return mask.toFloatArray();
        }
        try (NDArray floats = mask.toType(DataType.FLOAT32, true)) {
            return floats.toFloatArray();
        }
    }

    /** [B, T, D] to [1, N, D]. */
    NDArray pack(NDArray x) {
        return PackingOps.pack(x, lengths);
    }

    /** [1, N, D] to [B, T, D], 0 at padding. */
    NDArray unpack(NDArray x) {
        return PackingOps.unpack(x, lengths, columns);
    }
}
