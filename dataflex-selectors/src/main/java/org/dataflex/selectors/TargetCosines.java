package org.dataflex.selectors;

import org.dataflex.data.Samples;
import org.dataflex.model.ModelOps;

/** How the gradients of candidates lie to those of target sets. */
interface TargetCosines {

    /**
     * Computes the mean cosine of each candidate to the samples of each target set.
     *
     * @param model whose gradients
     * @param at names the model's state, to tell files apart: that of a checkpoint, or none
     * @param candidates n of them, at least one
     * @return [n][S], S target sets in their order; NaN where a candidate's gradient is not finite,
     *     0 where it is 0
     */
    float[][] of(ModelOps model, String at, Samples candidates);
}
