package org.dataflex.torch;

import static org.dataflex.torch.ShapeCheck.isRank;
import static org.dataflex.torch.ShapeCheck.last;
import static org.dataflex.torch.ShapeCheck.require;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/**
 * Computes the next-token loss of a language model's head without ever holding all logits.
 *
 * <p>Logits of 8 x 2,048 tokens over a vocabulary of 128k take 8 GB, and their gradient as much.
 * Here tokens go through the head chunk by chunk; a chunk's gradients are taken at once, in closed
 * form (softmax - one-hot), and its logits dropped. Two arrays [chunk, V] are alive at a time,
 * forward and backward together cost the three matrix products that they cost anyhow, and what is
 * kept for backward is [N, D] and [V, D].
 *
 * <p>On a CPU, tokens whose labels are ignored, padding among them, are left out of the products.
 *
 * <p>In a training step whose weights do not depend on the losses, {@link #weigh} alone does all:
 *
 * <pre>{@code
 * Weighted loss = head.weigh(hidden, weight, labels, tokenWeights);
 * collector.backward(loss.objective());     // loss.perToken() tells the same pass's losses
 * }</pre>
 *
 * <p>Where they do, {@link #forward} first tells the losses; it costs one matrix product more where
 * the tokens are more than {@link #keptTokens}.
 *
 * <p>Shapes: N tokens, D hidden size, V vocabulary. Results belong to the manager of the hidden
 * states.
 *
 * @param chunkTokens how many tokens at a time; 256 to 1,024 suit most sizes
 * @param keptTokens of how many tokens {@link #forward} keeps the log probabilities; with more it
 *     keeps none
 * @param ignoreIndex the label of tokens that do not count, -100 by custom
 * @param precision the type in which to multiply; softmax and sums are float32
 */
public record HeadLoss(long chunkTokens, long keptTokens, long ignoreIndex, Precision precision) {

    /**
     * Losses that were weighed in the pass that computed them.
     *
     * @param objective sum of weight times loss, [], recorded for backward
     * @param perToken the losses in nats, [N], not recorded; 0 where ignored
     */
    public record Weighted(NDArray objective, NDArray perToken) {}

    /**
     * Losses that are to be weighed in a second call.
     *
     * @param perToken the losses in nats, [N]; 0 where ignored
     * @param logProbabilities of the tokens that went through the head, [n, V], or null if the
     *     tokens are more than {@link #keptTokens}
     */
    public record Forward(NDArray perToken, NDArray logProbabilities) {}

    /**
     * Losses with the gradients of their weighted sum, none of them recorded for backward.
     *
     * @param perToken the losses in nats, [N]; 0 where ignored
     * @param hidden the gradient with respect to the hidden states, [N, D]
     * @param weight the gradient with respect to the weight, [V, D], or null if it requires none
     */
    public record Gradients(NDArray perToken, NDArray hidden, NDArray weight) {}

    /** The label of tokens that do not count, by custom. */
    public static final long IGNORED = -100;

    /** Logits of a chunk where nothing else is asked for: 16 MB, which stays near the cores. */
    private static final long LOGITS_OF_CHUNK = 1 << 22;

    /** Log probabilities kept by {@link #forward} where nothing else is asked for: 64 MB. */
    private static final long LOGITS_KEPT = 1 << 24;

    /** Tokens below which a chunk's products would be slow. */
    private static final long FEWEST_TOKENS = 128;

    /**
     * Sets up the loss for chunks of 16 MB of logits and at least 128 tokens.
     *
     * @param vocabulary V
     * @param precision the type in which to multiply
     * @return the loss, ignoring {@link #IGNORED}; {@link #forward} keeps up to 64 MB
     */
    public static HeadLoss of(long vocabulary, Precision precision) {
        long tokens = Math.max(FEWEST_TOKENS, LOGITS_OF_CHUNK / vocabulary);
        long kept = Math.max(tokens, LOGITS_KEPT / vocabulary);
        return new HeadLoss(tokens, kept, IGNORED, precision);
    }

    /**
     * Sets up the loss; {@link #forward} keeps one chunk.
     *
     * @param chunkTokens how many tokens at a time
     * @param ignoreIndex the label of tokens that do not count
     * @param precision the type in which to multiply
     * @throws IllegalArgumentException if {@code chunkTokens} is not positive
     */
    public HeadLoss(long chunkTokens, long ignoreIndex, Precision precision) {
        this(chunkTokens, chunkTokens, ignoreIndex, precision);
    }

    /**
     * Sets up the loss.
     *
     * @throws IllegalArgumentException if {@code chunkTokens} is not positive
     */
    public HeadLoss {
        if (chunkTokens < 1) {
            throw new IllegalArgumentException("chunkTokens = " + chunkTokens);
        }
    }

    /**
     * Returns the loss of each token, without recording it for backward.
     *
     * @param hidden the last hidden states, [N, D]
     * @param weight the head's weight, [V, D]
     * @param labels the labels, [N], INT32 or INT64, from 0 to V - 1 or {@link #ignoreIndex}
     * @return the losses in nats, [N]; 0 where ignored
     * @throws IllegalArgumentException if shapes do not fit
     */
    public NDArray perToken(NDArray hidden, NDArray weight, NDArray labels) {
        requireHead(hidden, weight, labels);
        OperatorCall call = OperatorCall.of("head_losses", hidden.getManager());
        call.with(hidden).with(weight).with(labels);
        return withSettings(call).withoutGraph().array();
    }

    /**
     * Returns the loss of each token, and keeps what {@link #weigh(Forward, NDArray, NDArray,
     * NDArray, NDArray)} can use.
     *
     * @param hidden the last hidden states, [N, D]
     * @param weight the head's weight, [V, D]
     * @param labels the labels, [N], as for {@link #perToken}
     * @return the losses
     * @throws IllegalArgumentException if shapes do not fit
     */
    public Forward forward(NDArray hidden, NDArray weight, NDArray labels) {
        requireHead(hidden, weight, labels);
        if (hidden.getShape().get(0) > keptTokens) {
            return new Forward(perToken(hidden, weight, labels), null);
        }
        OperatorCall call = OperatorCall.of("head_forward", hidden.getManager());
        call.with(hidden).with(weight).with(labels).with(ignoreIndex).with(precision);
        NDList results = call.withoutGraph().arrays();
        return new Forward(results.get(0), results.get(1));
    }

    /**
     * Returns the losses and the gradients of sum(tokenWeights * losses).
     *
     * <p>For callers that bring gradients to their places themselves; {@link #weigh} does it
     * through DJL's backward.
     *
     * @param hidden the last hidden states, [N, D]
     * @param weight the head's weight, [V, D]; a third of the work is saved if it requires no
     *     gradient
     * @param labels the labels, [N], as for {@link #perToken}
     * @param tokenWeights what each token's loss counts, [N]
     * @return the losses and the gradients
     * @throws IllegalArgumentException if shapes do not fit
     */
    public Gradients gradients(
            NDArray hidden, NDArray weight, NDArray labels, NDArray tokenWeights) {
        requireHead(hidden, weight, labels);
        require(
                tokenWeights.getShape().equals(labels.getShape()),
                "head loss: labels and token weights must be [N]",
                labels,
                tokenWeights);
        OperatorCall call = OperatorCall.of("head_gradients", hidden.getManager());
        call.with(hidden).with(weight).with(labels).with(tokenWeights);
        NDList results = withSettings(call).withoutGraph().arrays();
        return new Gradients(
                results.get(0), results.get(1), results.size() == 3 ? results.get(2) : null);
    }

    /**
     * Returns sum(tokenWeights * losses), ready for backward, and the losses.
     *
     * <p>Backward passes the gradients on to the hidden states and the weight. None flows to the
     * token weights, and there is no second derivative.
     *
     * @param hidden the last hidden states, [N, D]
     * @param weight the head's weight, [V, D]
     * @param labels the labels, [N], as for {@link #perToken}
     * @param tokenWeights what each token's loss counts, [N]: 1 / N for their mean
     * @return the weighed losses
     * @throws IllegalArgumentException if shapes do not fit
     */
    public Weighted weigh(NDArray hidden, NDArray weight, NDArray labels, NDArray tokenWeights) {
        return weigh(hidden, weight, tokenWeights, gradients(hidden, weight, labels, tokenWeights));
    }

    /**
     * Does the same with losses that are known already.
     *
     * @param forward what {@link #forward} returned for the same arrays; used up
     * @param hidden the last hidden states, [N, D]
     * @param weight the head's weight, [V, D]
     * @param labels the labels, [N]
     * @param tokenWeights what each token's loss counts, [N]
     * @return the weighed losses
     */
    public Weighted weigh(
            Forward forward, NDArray hidden, NDArray weight, NDArray labels, NDArray tokenWeights) {
        if (forward.logProbabilities() == null) {
            return weigh(hidden, weight, labels, tokenWeights);
        }
        OperatorCall call = OperatorCall.of("head_backward", hidden.getManager());
        call.with(forward.logProbabilities()).with(hidden).with(weight).with(labels);
        call.with(tokenWeights).with(ignoreIndex).with(precision);
        NDList results = call.withoutGraph().arrays();
        forward.logProbabilities().close();
        NDArray ofWeight = results.size() == 2 ? results.get(1) : null;
        return weigh(
                hidden,
                weight,
                tokenWeights,
                new Gradients(forward.perToken(), results.get(0), ofWeight));
    }

    private static Weighted weigh(
            NDArray hidden, NDArray weight, NDArray tokenWeights, Gradients computed) {
        NDList arrays = new NDList(hidden);
        NDList gradients = new NDList(computed.hidden());
        if (computed.weight() != null) {
            arrays.add(weight);
            gradients.add(computed.weight());
        }
        try (NDArray weighed = computed.perToken().mul(tokenWeights);
                NDArray sum = weighed.sum()) {
            NDArray objective = TorchOps.withGradients(sum, arrays, gradients);
            return new Weighted(objective, computed.perToken());
        } finally {
            gradients.close(); // the graph holds what it needs of them
        }
    }

    private OperatorCall withSettings(OperatorCall call) {
        return call.with(chunkTokens).with(ignoreIndex).with(precision);
    }

    private static void requireHead(NDArray hidden, NDArray weight, NDArray labels) {
        require(
                isRank(2, hidden, weight)
                        && isRank(1, labels)
                        && last(hidden) == last(weight)
                        && hidden.getShape().get(0) == labels.getShape().get(0),
                "head loss: hidden must be [N, D], weight [V, D] and labels [N]",
                hidden,
                weight,
                labels);
    }
}
