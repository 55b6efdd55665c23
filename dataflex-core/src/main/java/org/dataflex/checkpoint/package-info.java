/**
 * What a run needs to go on, and how files are kept whole.
 *
 * <p>{@link org.dataflex.checkpoint.CheckpointStore} saves {@link
 * org.dataflex.checkpoint.Checkpoint}s, which are plain values and {@link
 * org.dataflex.checkpoint.Tensor}s. {@link org.dataflex.checkpoint.SafetensorsReader} and {@link
 * org.dataflex.checkpoint.SafetensorsWriter} are the one implementation of that format, for
 * checkpoints, weights and adapters alike. What is saved comes as {@link
 * org.dataflex.checkpoint.Drafts} or as an {@link org.dataflex.checkpoint.AtomicDirectory}: whole,
 * or not at all.
 */
package org.dataflex.checkpoint;
