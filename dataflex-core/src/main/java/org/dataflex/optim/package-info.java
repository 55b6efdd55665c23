/**
 * What DJL's optimizers lack for training language models: a fused AdamW with readable moments, and
 * learning rates that warm up and decay by a planned number of steps.
 *
 * <p>{@link org.dataflex.optim.AdamW} is an ordinary {@link ai.djl.training.optimizer.Optimizer}
 * and {@link org.dataflex.optim.LearningRateSchedule} an ordinary {@link
 * ai.djl.training.tracker.Tracker}; each works with DJL's own counterpart of the other. The library
 * does not need this package: any optimizer of DJL can train.
 */
package org.dataflex.optim;
