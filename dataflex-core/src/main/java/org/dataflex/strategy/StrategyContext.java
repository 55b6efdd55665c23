package org.dataflex.strategy;

import ai.djl.Model;
import java.nio.file.Path;
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
     * Returns the facade of the model in training as a checkpoint has it, the optimizer's moments
     * included, for methods that look at several points of the way.
     *
     * <p>Each question puts the checkpoint's values in the place of the model's first, if they are
     * not there yet; a question to {@link #model} and the end of the call put the model's own back,
     * bit for bit. So ask one after the other, not in turn. Native memory: a copy of the parameters
     * that differ, and the checkpoint's moments.
     *
     * @param checkpoint a checkpoint's directory, such as {@code checkpoints/step-000000500} of a
     *     run directory, of the same model and kind of optimizer; its files must stay as they are
     *     during this call
     * @return its facade
     * @throws IllegalStateException within a training step
     * @throws java.io.UncheckedIOException if the checkpoint is missing, damaged or of another
     *     model, or its optimizer kept no moments where that in training does
     */
    ModelOps modelAt(Path checkpoint);

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
