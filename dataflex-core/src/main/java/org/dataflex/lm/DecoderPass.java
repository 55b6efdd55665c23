package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.dataflex.model.ParameterTrace;
import org.dataflex.torch.BackwardOps;
import org.dataflex.torch.Precision;
import org.dataflex.torch.TorchOps;

/**
 * What all layers share in one forward pass.
 *
 * @param store where the parameters' values are
 * @param training whether dropout is active
 * @param positions cosines and sines, each [T, K] or by row [B, 1, T, K], and the mask if {@link
 *     VisibleTokens} makes one
 * @param trace what is told of each use of a parameter, or null
 * @param cache the tokens before these, or null
 * @param loads what counts the tokens sent to experts, or null
 * @param packing how the samples lie in one row, or null if each has a row of its own
 */
record DecoderPass(
        ParameterStore store,
        boolean training,
        NDList positions,
        ParameterTrace trace,
        KeyValueCache cache,
        ExpertLoads loads,
        Packing packing) {

    /** Makes a pass over whole texts. */
    DecoderPass(ParameterStore store, boolean training, NDList positions, ParameterTrace trace) {
        this(store, training, positions, trace, null, null, null);
    }

    /** The same pass, with experts' tokens counted, padding included. */
    DecoderPass counting(ExpertLoads newLoads) {
        return new DecoderPass(store, training, positions, trace, cache, newLoads, null);
    }

    /** A pass over the same texts, their padding left out. */
    DecoderPass packed(Packing how) {
        return new DecoderPass(store, training, positions, trace, cache, loads, how);
    }

    /** Leaves padding out, if the pass is packed: [B, T, D] to [1, N, D]. */
    NDArray pack(NDArray x) {
        return packing == null ? x : packing.pack(x);
    }

    /** Puts padding back, if the pass is packed: [1, N, D] to [B, T, D]. */
    NDArray unpack(NDArray x) {
        return packing == null ? x : packing.unpack(x);
    }

    NDArray cosines() {
        return positions.get(0);
    }

    NDArray sines() {
        return positions.get(1);
    }

    /** The mask, or null. */
    NDArray mask() {
        return positions.size() > 2 ? positions.get(2) : null;
    }

    /** A parameter's value where an array is; null if there is no parameter. */
    NDArray value(Parameter parameter, NDArray where) {
        return store.getValue(parameter, where.getDevice(), training);
    }

    /** Runs a part of the pass and frees what it made on the way, unless a trace holds on to it. */
    NDArray freeing(Supplier<NDArray> part) {
        return trace == null
                ? Temporaries.freeing(() -> new NDList(part.get())).singletonOrThrow()
                : part.get();
    }

    /** Makes an array of others by an operation that knows its own way back. */
    NDArray operation(
            NDList inputs, Function<NDList, NDArray> forward, Function<NDArray, NDList> backward) {
        return operations(
                        inputs,
                        xs -> new NDList(forward.apply(xs)),
                        ds -> backward.apply(ds.head()))
                .head();
    }

    /** Makes arrays of others by an operation that knows its own way back. */
    NDList operations(
            NDList inputs, UnaryOperator<NDList> forward, UnaryOperator<NDList> backward) {
        return trace == null ? forward.apply(inputs) : trace.operation(inputs, forward, backward);
    }

    /** Rounds to the type in which to multiply; x itself in float32. */
    NDArray rounded(NDArray x, Precision precision) {
        return precision == Precision.FLOAT32
                ? x
                : operation(
                        new NDList(x),
                        xs -> TorchOps.rounded(xs.head(), precision),
                        d -> new NDList(BackwardOps.rounded(d, x)));
    }

    /** Adds arrays of one shape: a + b, in a's type. */
    NDArray sum(NDArray a, NDArray b) {
        return operation(
                new NDList(a, b),
                xs -> xs.get(0).add(xs.get(1)),
                d -> new NDList(d, BackwardOps.rounded(d, b)));
    }

    void tellProduct(Parameter weight, NDArray input, NDArray output, Precision precision) {
        if (isTold(weight)) {
            trace.product(weight, input, output, precision);
        }
    }

    void tellSum(Parameter bias, NDArray output) {
        if (isTold(bias)) {
            trace.sum(bias, output);
        }
    }

    void tellLookup(Parameter table, NDArray ids, NDArray output) {
        if (isTold(table)) {
            trace.lookup(table, ids, output);
        }
    }

    void tellRoutes(NDArray chosen) {
        if (loads != null) {
            loads.add(chosen);
        }
    }

    boolean isTold(Parameter parameter) {
        return trace != null && parameter != null && parameter.requiresGradient();
    }
}
