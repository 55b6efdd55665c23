package org.dataflex.strategy;

import ai.djl.Model;
import java.util.random.RandomGenerator;
import org.dataflex.data.CandidatePool;
import org.dataflex.model.ModelOps;

/** What every strategy sees. Implemented by the library only, so that it may grow. */
public interface StrategyContext {

    /**
     * Returns the number of optimizer updates made so far.
     *
     * @return 0 before the first update
     */
    long step();

    /**
     * Returns the number of optimizer updates that the run will make.
     *
     * @return at least 1
     */
    long totalSteps();

    /**
     * Returns the samples to draw from.
     *
     * @return the pool
     */
    CandidatePool pool();

    /**
     * Returns the model in training.
     *
     * @return its facade
     */
    ModelOps model();

    /**
     * Returns the facade of another model, such as a reference model.
     *
     * @param other an initialized model on the same device, with the same kind of outputs
     * @return its facade
     */
    ModelOps modelOps(Model other);

    /**
     * Returns randomness derived from (run seed, strategy, step, domain): the same after a resume.
     *
     * @return the generator of this call
     */
    RandomGenerator random();
}
