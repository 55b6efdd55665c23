package org.dataflex.strategy;

import org.dataflex.loss.CausalLmLoss;
import org.dataflex.model.LinearHead;
import org.dataflex.model.ModelOps;
import org.dataflex.model.RoutedBlock;

/** A question that a strategy will ask, and that not every model or loss can answer. */
public enum Need {
    /**
     * The losses of single tokens, {@link WeightingContext#tokenLosses} or {@link
     * ModelOps#tokenLosses}: takes {@link CausalLmLoss}.
     */
    TOKEN_LOSSES,
    /** {@link WeightingContext#embeddings}: takes a block that is a {@link LinearHead}. */
    BATCH_EMBEDDINGS,
    /** {@link ModelOps#expertLoads}: takes a {@link RoutedBlock} that has experts. */
    EXPERT_LOADS
}
