/**
 * The PyTorch operators that DJL does not expose, as typed Java methods.
 *
 * <p>{@link org.dataflex.torch.TorchOps} has what a decoder layer needs, {@link
 * org.dataflex.torch.HeadLoss} the loss of a language model's head without all its logits, {@link
 * org.dataflex.torch.GradientOps} the gradients of each sample of a batch, {@link
 * org.dataflex.torch.OptimizerOps} updates in place, {@link org.dataflex.torch.Bf16Array} and
 * {@link org.dataflex.torch.Bf16Ops} bfloat16. All work on DJL arrays, record into DJL's gradient
 * collector, and may be called by several threads at once.
 *
 * <p><b>Ownership.</b> A result belongs to the manager of the call's first operand, as with DJL's
 * own operators, or to the manager that the method is given. Operands keep their names and
 * managers.
 *
 * <p><b>How.</b> {@code ops.py} beside this package is TorchScript; it is loaded once, on first
 * use, and called through DJL. Nothing outside this package may know, and nothing else may import
 * {@code ai.djl.pytorch}. A call switches TorchScript's graph optimizer off for its thread: with
 * it, the first calls of every new shape are several times slower.
 */
package org.dataflex.torch;
