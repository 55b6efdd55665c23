package org.dataflex.strategy;

import java.util.Set;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.model.GenerativeBlock;
import org.dataflex.model.HiddenStates;
import org.dataflex.model.LinearHead;
import org.dataflex.model.ModelOps;
import org.dataflex.model.Preconditioner;
import org.dataflex.model.RoutedBlock;

/** A question that a strategy will ask, and that not every model, loss or optimizer can answer. */
public enum Need {
    /**
     * The losses of single tokens, {@link WeightingContext#tokenLosses} or {@link
     * ModelOps#tokenLosses}: takes {@link CausalLmLoss}.
     */
    TOKEN_LOSSES,
    /** {@link WeightingContext#embeddings}: takes a block that is a {@link LinearHead}. */
    BATCH_EMBEDDINGS,
    /** {@link ModelOps#expertLoads}: takes a {@link RoutedBlock} that has experts. */
    EXPERT_LOADS,
    /** {@link ModelOps#embed} of the model in training: takes a block with {@link HiddenStates}. */
    HIDDEN_STATES,
    /** {@link Preconditioner.Adam}: takes an optimizer that keeps Adam's moments. */
    MOMENTS,
    /** {@link ModelOps#generate}: takes a {@link GenerativeBlock}. */
    GENERATION;

    /**
     * Returns what it takes to ask for gradients with a preconditioner.
     *
     * @param preconditioner what becomes of gradients
     * @return {@link #MOMENTS} for Adam's, else nothing
     */
    public static Set<Need> of(Preconditioner preconditioner) {
        return preconditioner instanceof Preconditioner.Adam ? Set.of(MOMENTS) : Set.of();
    }
}
