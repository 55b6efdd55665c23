package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.function.Supplier;
import org.dataflex.model.ParameterTrace;
import org.dataflex.torch.Precision;

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
 */
record DecoderPass(
        ParameterStore store,
        boolean training,
        NDList positions,
        ParameterTrace trace,
        KeyValueCache cache,
        ExpertLoads loads) {

    /** Makes a pass over whole texts. */
    DecoderPass(ParameterStore store, boolean training, NDList positions, ParameterTrace trace) {
        this(store, training, positions, trace, null, null);
    }

    /** The same pass, with experts' tokens counted. */
    DecoderPass counting(ExpertLoads newLoads) {
        return new DecoderPass(store, training, positions, trace, cache, newLoads);
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
