package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

/** A part of the decoder: features in, features out. */
abstract class DecoderBlock extends AbstractBlock {

    /**
     * Runs the part.
     *
     * @param pass what all parts share
     * @param x features, [..., inputs]
     * @return features, [..., outputs]
     */
    abstract NDArray apply(DecoderPass pass, NDArray x);

    /** As DJL asks: the features come first, what {@link DecoderPass#positions} names after. */
    @Override
    protected final NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        DecoderPass pass = new DecoderPass(store, training, inputs.subNDList(1), null);
        return new NDList(apply(pass, inputs.head()));
    }
}
