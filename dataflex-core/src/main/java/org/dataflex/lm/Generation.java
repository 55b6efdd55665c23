package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.training.ParameterStore;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.dataflex.model.GenerationOptions;
import org.dataflex.torch.GraphRecording;

/**
 * Continues prompts: one pass over a batch of prompts, then one pass a token, each over the newest
 * token of every row.
 *
 * <p>Prompts of like lengths share a batch. A batch ends when all its rows have. Nothing is
 * recorded for backward, and the arrays of a pass are freed when its tokens are chosen.
 */
final class Generation {

    private final DecoderConfig config;
    private final RotaryEmbedding rotary;
    private final BiFunction<DecoderPass, NDArray, NDArray> lastLogits;
    private final GenerationOptions options;
    private final TokenSampler sampler;

    /**
     * Makes a generation.
     *
     * @param config the model's sizes
     * @param rotary the model's positions
     * @param lastLogits the model: token ids [B, T] to the logits at each row's last, [B, V]
     * @param options how
     */
    Generation(
            DecoderConfig config,
            RotaryEmbedding rotary,
            BiFunction<DecoderPass, NDArray, NDArray> lastLogits,
            GenerationOptions options) {
        this.config = config;
        this.rotary = rotary;
        this.lastLogits = lastLogits;
        this.options = options;
        sampler = new TokenSampler(options);
    }

    /**
     * Continues prompts.
     *
     * @param store where the parameters' values are
     * @param manager what arrays belong to; none is left
     * @param prompts token ids
     * @return the new tokens of each
     */
    List<int[]> generate(ParameterStore store, NDManager manager, List<int[]> prompts) {
        PromptCheck.check(prompts, options, config);
        int[][] answers = new int[prompts.size()][];
        for (int[] indices : batches(prompts)) {
            NewTokens tokens =
                    GraphRecording.without(() -> batch(store, manager, prompts, indices));
            for (int row = 0; row < indices.length; row++) {
                answers[indices[row]] = tokens.of(row);
            }
        }
        return List.of(answers);
    }

    /** Groups prompts of like lengths, by index. */
    private List<int[]> batches(List<int[]> prompts) {
        int[] byLength =
                IntStream.range(0, prompts.size())
                        .boxed()
                        .sorted(Comparator.comparingInt(i -> prompts.get(i).length))
                        .mapToInt(i -> i)
                        .toArray();
        int size = options.batchSize();
        return IntStream.iterate(0, i -> i < byLength.length, i -> i + size)
                .mapToObj(i -> Arrays.copyOfRange(byLength, i, Math.min(byLength.length, i + size)))
                .toList();
    }

    private NewTokens batch(
            ParameterStore store, NDManager parent, List<int[]> prompts, int[] indices) {
        PaddedPrompts padded =
                new PaddedPrompts(Arrays.stream(indices).mapToObj(prompts::get).toList());
        long capacity = padded.length() + options.maxNewTokens() - 1L; // the last is not read
        NewTokens tokens = new NewTokens(indices.length, options);
        try (NDManager manager = parent.newSubManager()) {
            KeyValueCache cache = new KeyValueCache(manager, capacity, config.slidingWindow());
            NDArray mask = padded.arePadded() ? padded.mask(manager, capacity) : null;
            while (!tokens.areComplete()) {
                try (NDManager step = manager.newSubManager()) {
                    NDArray ids = tokens.size() == 0 ? padded.ids(step) : column(tokens, step);
                    DecoderPass pass = pass(store, ids, padded, mask, cache);
                    NDArray logits = lastLogits.apply(pass, ids);
                    cache.advance(ids.getShape().get(1));
                    tokens.add(sampler.choices(logits, indices, tokens.size()));
                }
            }
        }
        return tokens;
    }

    /** The newest token of each row, int64 [B, 1]. */
    private static NDArray column(NewTokens tokens, NDManager step) {
        return step.create(Arrays.stream(tokens.last()).asLongStream().toArray()).expandDims(1);
    }

    private DecoderPass pass(
            ParameterStore store,
            NDArray ids,
            PaddedPrompts padded,
            NDArray mask,
            KeyValueCache cache) {
        int columns = (int) ids.getShape().get(1);
        NDArray at = padded.positions(ids.getManager(), cache.size(), columns);
        NDList positions = rotary.turns(at);
        NDArray visible = visible(ids, mask, cache);
        if (visible != null) {
            positions.add(visible);
        }
        return new DecoderPass(store, false, positions, null, cache, null, null);
    }

    /** The mask of a pass, or null. */
    private NDArray visible(NDArray ids, NDArray mask, KeyValueCache cache) {
        NDList inputs = new NDList(ids);
        if (mask != null) {
            long columns = ids.getShape().get(1);
            long first = cache.firstSeen(columns);
            NDArray seen =
                    mask.get(new NDIndex().addAllDim().addSliceDim(first, cache.size() + columns));
            seen.attach(ids.getManager());
            inputs.add(seen);
        }
        if (cache.size() == 0) {
            return VisibleTokens.mask(inputs, config.slidingWindow());
        }
        return mask == null ? null : VisibleTokens.real(inputs.get(1));
    }
}
