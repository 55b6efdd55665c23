/**
 * A decoder language model of DJL blocks: the architecture of Llama, Mistral, Qwen2 and Qwen3, its
 * parameters named as in Hugging Face's.
 *
 * <p>{@link org.dataflex.lm.CausalLm} is the model, {@link org.dataflex.lm.DecoderConfig} its
 * sizes, {@link org.dataflex.lm.HuggingFaceConfig} their file; {@link org.dataflex.lm.Lora} and
 * {@link org.dataflex.lm.Freezing} train a part of it. The library does not need this package; any
 * DJL block that gives logits can be trained.
 *
 * <p>Shapes in this package:
 *
 * <table>
 * <caption>Letters</caption>
 * <tr><th>letter</th><th>number of</th><th>in {@code DecoderConfig}</th></tr>
 * <tr><td>B</td><td>samples in the batch</td><td></td></tr>
 * <tr><td>T</td><td>tokens of a sample, padding included</td><td>{@code <= maxPositions}</td></tr>
 * <tr><td>V</td><td>tokens of the vocabulary</td><td>{@code vocabularySize}</td></tr>
 * <tr><td>D</td><td>features of a token</td><td>{@code hiddenSize}</td></tr>
 * <tr><td>F</td><td>features inside the MLP</td><td>{@code intermediateSize}</td></tr>
 * <tr><td>E</td><td>experts of a layer</td><td>{@code experts().numExperts()}</td></tr>
 * <tr><td>H</td><td>query heads</td><td>{@code numHeads}</td></tr>
 * <tr><td>G</td><td>key and value heads</td><td>{@code numKeyValueHeads}</td></tr>
 * <tr><td>K</td><td>features of a head</td><td>{@code headSize}</td></tr>
 * </table>
 *
 * <p>Two rules of memory hold in every block here. A result is made by its input, never by a
 * parameter, because DJL gives a result to the manager of the first operand. And a constant that
 * autograd may keep is made with {@code NDManager.full}, never by an operation with a Java number:
 * DJL frees the memory of that number before the backward pass reads it.
 */
package org.dataflex.lm;
