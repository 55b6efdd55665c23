package org.dataflex.model;

/**
 * A vector u in the space of a model's parameters, as {@link ModelOps#meanGradient} answers it and
 * {@link ModelOps#alignment} takes it.
 *
 * <p>It is as large as the parameters it covers and lives in native memory, so it stays within the
 * strategy call that asked for it and is freed with it. Implemented by the library only: a strategy
 * hands it back and looks no further.
 */
public interface Direction {}
