package org.dataflex.internal;

/**
 * What a step showed.
 *
 * @param loss what was minimised
 * @param losses the loss of each row before weighting, or null if the loss is not per sample
 */
record StepResult(double loss, float[] losses) {}
