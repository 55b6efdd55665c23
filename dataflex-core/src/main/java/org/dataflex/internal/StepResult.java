package org.dataflex.internal;

import org.dataflex.data.SampleIndices;

/**
 * What a step showed.
 *
 * @param loss what was minimised
 * @param rows the samples, in the order in which they went through the model
 * @param losses the loss of each row before weighting, or null if the loss is not per sample
 */
record StepResult(double loss, SampleIndices rows, float[] losses) {}
