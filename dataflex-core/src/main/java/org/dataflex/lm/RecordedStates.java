package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import org.dataflex.model.BackbonePass;

/**
 * States whose whole way from the parameters autograd has recorded.
 *
 * @param states [B, T, D]
 */
record RecordedStates(NDArray states) implements BackbonePass {

    @Override
    public void backward() {} // autograd went all the way
}
