package org.dataflex.torch;

import static org.dataflex.torch.ShapeCheck.isRank;
import static org.dataflex.torch.ShapeCheck.require;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Puts samples of different lengths end to end in one row, and back into rows of their own.
 *
 * <p>What works on each token by itself then works on no padding. Both operators are recorded for
 * backward; results belong to the operand's manager.
 */
public final class PackingOps {

    private PackingOps() {}

    /**
     * Leaves padding out.
     *
     * @param x features of tokens, padded on the right, [B, T, D]
     * @param lengths tokens of each sample, B of them, from 0 to T
     * @return the samples' tokens one after the other, [1, N, D], N the sum of the lengths
     * @throws IllegalArgumentException if shapes or lengths do not fit
     */
    public static NDArray pack(NDArray x, int[] lengths) {
        require(isRank(3, x), "pack: x must be [B, T, D]", x);
        long t = x.getShape().get(1);
        require(
                x.getShape().get(0) == lengths.length && isWithin(lengths, t),
                "pack: there must be a length from 0 to T for each sample, not " + text(lengths),
                x);
        return OperatorCall.of("pack", x.getManager()).with(x).with(text(lengths)).array();
    }

    /**
     * Puts padding back.
     *
     * @param x what {@link #pack} returned, or what was made of it, [1, N, D]
     * @param lengths tokens of each sample
     * @param columns T
     * @return [B, T, D], 0 at padding
     * @throws IllegalArgumentException if shapes or lengths do not fit
     */
    public static NDArray unpack(NDArray x, int[] lengths, long columns) {
        require(
                isRank(3, x)
                        && x.getShape().get(0) == 1
                        && x.getShape().get(1) == Arrays.stream(lengths).asLongStream().sum()
                        && isWithin(lengths, columns),
                "unpack: x must be [1, N, D], the lengths from 0 to "
                        + columns
                        + " and their sum N, not "
                        + text(lengths),
                x);
        OperatorCall call = OperatorCall.of("unpack", x.getManager());
        return call.with(x).with(text(lengths)).with(columns).array();
    }

    private static boolean isWithin(int[] lengths, long most) {
        return Arrays.stream(lengths).allMatch(length -> length >= 0 && length <= most);
    }

    private static String text(int[] lengths) {
        return Arrays.stream(lengths).mapToObj(Integer::toString).collect(Collectors.joining(" "));
    }
}
