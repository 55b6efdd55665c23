package org.dataflex.model;

import ai.djl.ndarray.NDArray;

/** A forward pass up to a block's head, and the way back from there. */
public interface BackbonePass {

    /**
     * Returns what the head goes on with.
     *
     * @return the states, [B, T, D], recorded for backward
     */
    NDArray states();

    /**
     * Carries gradients on from where the backward pass through {@link #states} ended.
     *
     * <p>To be called once, after that pass and within the same gradient collector. Does nothing
     * where the states' graph reaches to all parameters.
     */
    void backward();
}
