package org.dataflex.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.List;
import java.util.function.Predicate;
import org.dataflex.data.Samples;

/**
 * What a strategy may ask of a model: read-only questions about samples.
 *
 * <p>Parameters, their gradients and the optimizer's state are afterwards as before; the model runs
 * in inference mode. Arrays belong to the strategy call that asked for them and are freed when it
 * returns; a strategy that handles many samples asks for {@link Samples#chunks} and closes each
 * array itself.
 *
 * <p>Samples with lengths ({@link org.dataflex.data.SampleSet#length}) are read shorter ones first,
 * padded to one another, in batches of a bounded number of tokens; answers come in the order asked.
 * A model must give a sample the same outputs beside others as alone. Gradients are computed batch
 * by batch for a {@link TracedBlock}, and one sample at a time for any other block. On a CPU, the
 * same question about the same model has the same bits.
 *
 * <p>Reading samples may fail; the failure arrives as an {@link java.io.UncheckedIOException}.
 */
public interface ModelOps {

    /**
     * Runs the model, in batches of the samples as they stand, which must have the same shapes.
     *
     * @param samples n samples
     * @return the block's outputs, batch axis first, [n, ...] each
     */
    NDList infer(Samples samples);

    /**
     * Computes the training loss of each sample.
     *
     * @param samples n samples
     * @return n losses in the loss's unit (nats a token for language models), in the order of
     *     {@code samples}
     */
    float[] losses(Samples samples);

    /**
     * Computes the training loss of each target token.
     *
     * @param samples n samples
     * @return for each sample the losses of its target tokens, in order, in nats; none for a sample
     *     without targets
     * @throws UnsupportedModelException if the loss has no per-token form, as {@link
     *     org.dataflex.loss.CausalLmLoss} has
     */
    float[][] tokenLosses(Samples samples);

    /**
     * Embeds each sample.
     *
     * @param samples n samples
     * @param pooling how token states become one vector
     * @return float32 of shape [n, d]
     * @throws IllegalArgumentException if there are no samples
     * @throws UnsupportedModelException if the block does not implement {@link HiddenStates}
     */
    NDArray embed(Samples samples, Pooling pooling);

    /**
     * Computes the gradient of each sample's loss, one row a sample.
     *
     * <p>Not within a training step: a {@code Weighter} may ask in {@code refresh}, not in {@code
     * weigh}.
     *
     * @param samples n samples
     * @param query which parameters, which preconditioner, which projection
     * @return float32 of shape [n, k]; without projection, the parameters in the block's order,
     *     each flattened
     * @throws IllegalStateException within a training step
     * @throws IllegalArgumentException if the query takes no trainable parameter
     * @throws UnsupportedModelException if Adam's moments are asked for and the model has none: it
     *     is not the one in training, or its optimizer keeps none
     */
    NDArray gradients(Samples samples, GradientQuery query);

    /**
     * Averages the gradients g_i of samples: u = mean_i g_i, or u = mean_i g_i / |g_i|.
     *
     * <p>A sample whose gradient is 0 adds 0 and counts in n. Native memory: u and what the
     * backward pass of a batch takes, whatever n. Not within a training step.
     *
     * @param samples n samples, at least one
     * @param parameters which trainable parameters u covers, by the name that {@code
     *     Block.getParameters} gives them; |g_i| is taken over these
     * @param normalisation whether each gradient is divided by its norm first
     * @return u, which belongs to this strategy call; that of targets, samples of another set than
     *     the pool, is computed once an update, for equal {@code parameters}
     * @throws IllegalStateException within a training step
     * @throws IllegalArgumentException if there are no samples, or no trainable parameter is taken
     * @throws ai.djl.TrainingDivergedException if a sample's gradient is not finite, since it would
     *     make all of u so; names the sample
     */
    Direction meanGradient(
            Samples samples, Predicate<String> parameters, Normalisation normalisation);

    /**
     * Averages weighted sums of gradients, one sum a group: u = mean_q s_q, or u = mean_q s_q /
     * |s_q|, with s_q = sum_i w_qi g_qi.
     *
     * <p>A policy gradient has this form: a group is a prompt, its samples are answers, and the
     * weights are their rewards. A sum that is 0 adds 0 and counts as a group. Native memory: u,
     * one sum, and what the backward pass of a batch takes, whatever the number of groups. Not
     * within a training step.
     *
     * @param groups at least one; a group may have no samples
     * @param parameters which trainable parameters u covers, by the name that {@code
     *     Block.getParameters} gives them; |s_q| is taken over these
     * @param normalisation whether each sum is divided by its norm first
     * @return u, which belongs to this strategy call
     * @throws IllegalStateException within a training step
     * @throws IllegalArgumentException if there are no groups, or no trainable parameter is taken
     * @throws ai.djl.TrainingDivergedException if a sum is not finite, since it would make all of u
     *     so; names the group
     */
    Direction meanOfSums(
            List<WeightedSamples> groups,
            Predicate<String> parameters,
            Normalisation normalisation);

    /**
     * Tells how far the gradients G_i of each group of samples point one way: |mean_i G_i / |G_i||,
     * the mean resultant length of directional statistics.
     *
     * <p>1 if all are parallel, 0 if they cancel; a sample whose gradient is 0 adds 0 and counts in
     * n. Native memory: one gradient and what the backward pass of a batch takes, whatever the
     * number of groups. Not within a training step.
     *
     * @param groups samples
     * @param parameters which trainable parameters gradients are taken over, by the name that
     *     {@code Block.getParameters} gives them
     * @param preconditioner what makes G_i of the sample's gradient
     * @return the length of each group, in [0, 1] but for rounding, NaN of a group without samples
     * @throws IllegalStateException within a training step
     * @throws IllegalArgumentException if no trainable parameter is taken
     * @throws ai.djl.TrainingDivergedException if a sample's G_i is not finite; names the sample
     * @throws UnsupportedModelException if Adam's moments are asked for and the model has none
     */
    double[] meanResultantLengths(
            List<Samples> groups, Predicate<String> parameters, Preconditioner preconditioner);

    /**
     * Compares the gradient G_i of each sample with directions u_s: their inner products and |G_i|.
     *
     * <p>Gradients are taken over the parameters that the directions cover. Native memory: the
     * directions and what the backward pass of a batch takes, whatever n. Not within a training
     * step. Exact LESS scores are the {@link Alignment#unitProduct}s with one mean of unit target
     * gradients a subtask:
     *
     * <pre>
     * Direction target = model.meanGradient(targets, name -&gt; true, Normalisation.UNIT);
     * Alignment scores = model.alignment(candidates, List.of(target), Preconditioner.Adam.less());
     * </pre>
     *
     * @param samples n samples
     * @param directions S directions of this model that cover the same parameters, at least one
     * @param preconditioner what makes G_i of the sample's gradient
     * @return n norms and n x S products
     * @throws IllegalStateException within a training step, or if a direction's strategy call has
     *     ended
     * @throws IllegalArgumentException if there are no directions, or they are another model's or
     *     cover different parameters
     * @throws UnsupportedModelException if Adam's moments are asked for and the model has none: it
     *     is not the one in training, or its optimizer keeps none
     */
    Alignment alignment(Samples samples, List<Direction> directions, Preconditioner preconditioner);

    /**
     * Continues prompts with the model as it is now.
     *
     * <p>An answer depends on its prompt, the prompt's index and the options' seed, not on the
     * other prompts. Costs one forward pass over the prompts and one over a token each for every
     * new token, in batches of {@link GenerationOptions#batchSize}.
     *
     * @param prompts token ids, at least one each
     * @param options how
     * @return the new tokens of each prompt, in the order of {@code prompts}
     * @throws IllegalArgumentException before anything is computed, if a prompt is empty, too long
     *     or has an unknown token
     * @throws UnsupportedModelException if the block does not implement {@link GenerativeBlock}
     */
    List<int[]> generate(List<int[]> prompts, GenerationOptions options);

    /**
     * Counts which experts the samples' tokens go to, in a mixture of experts.
     *
     * @param samples n samples
     * @return by layer with experts, from the first, and by expert, how many real tokens were sent
     *     to it; no layers if there are no samples
     * @throws UnsupportedModelException if the block does not implement {@link RoutedBlock}, or has
     *     no experts
     */
    double[][] expertLoads(Samples samples);
}
