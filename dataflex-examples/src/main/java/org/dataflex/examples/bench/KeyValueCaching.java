package org.dataflex.examples.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.dataflex.lm.CausalLm;
import org.dataflex.math.Seeds;
import org.dataflex.model.GenerationOptions;
import org.dataflex.torch.GraphRecording;
import org.dataflex.torch.Precision;

/**
 * How much faster {@link ReferenceDecoder} continues 8 prompts of 64 tokens by 128 when it keeps
 * keys and values than when it reads the whole text for each token.
 *
 * <p>Tokens are the likeliest.
 */
public final class KeyValueCaching {

    private static final int BATCH_SIZE = 8;
    private static final int PROMPT_LENGTH = 64;
    private static final int NEW_TOKENS = 128;
    private static final int ROUNDS = 3;

    private KeyValueCaching() {}

    /**
     * Prints tokens a second with and without the cache, and their ratio.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) {
        CausalLm model = ReferenceDecoder.make(Precision.FLOAT32);
        List<Double> cached = new ArrayList<>();
        List<Double> uncached = new ArrayList<>();
        try (NDManager manager = NDManager.newBaseManager()) {
            model.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
            ParameterStore store = new ParameterStore(manager, false);
            List<int[]> prompts = prompts();
            GenerationOptions options =
                    GenerationOptions.builder()
                            .setMaxNewTokens(NEW_TOKENS)
                            .optBatchSize(BATCH_SIZE)
                            .build();
            for (int round = 0; round <= ROUNDS; round++) { // the first is warm-up
                double fast =
                        tokensPerSecond(() -> model.generate(store, manager, prompts, options));
                double slow =
                        tokensPerSecond(
                                () ->
                                        GraphRecording.without(
                                                () -> reread(model, store, manager, prompts)));
                if (round > 0) {
                    cached.add(fast);
                    uncached.add(slow);
                }
            }
        }
        System.out.printf(
                Locale.ROOT,
                "%.0f tokens a second with a cache, %.0f without: x %.1f%n",
                ReferenceDecoder.median(cached),
                ReferenceDecoder.median(uncached),
                ReferenceDecoder.median(cached) / ReferenceDecoder.median(uncached));
    }

    private static List<int[]> prompts() {
        RandomGenerator random = Seeds.generator(1);
        List<int[]> prompts = new ArrayList<>();
        for (int i = 0; i < BATCH_SIZE; i++) {
            prompts.add(random.ints(PROMPT_LENGTH, 0, ReferenceDecoder.VOCABULARY_SIZE).toArray());
        }
        return prompts;
    }

    private static double tokensPerSecond(Runnable generation) {
        long start = System.nanoTime();
        generation.run();
        return BATCH_SIZE * NEW_TOKENS * 1e9 / (System.nanoTime() - start);
    }

    /** Continues the prompts, reading the whole text at each step. */
    private static long reread(
            CausalLm model, ParameterStore store, NDManager manager, List<int[]> prompts) {
        long[][] texts =
                prompts.stream()
                        .map(prompt -> Arrays.stream(prompt).asLongStream().toArray())
                        .toArray(long[][]::new);
        for (int n = 0; n < NEW_TOKENS; n++) {
            try (NDManager step = manager.newSubManager()) {
                long[] all = Arrays.stream(texts).flatMapToLong(Arrays::stream).toArray();
                NDArray ids = step.create(all, new Shape(BATCH_SIZE, PROMPT_LENGTH + n));
                NDArray states = model.hiddenStates(store, new NDList(ids), false);
                NDArray last = states.get(new NDIndex(":, -1"));
                long[] next = model.logits(store, last, false).argMax(1).toLongArray();
                for (int i = 0; i < BATCH_SIZE; i++) {
                    texts[i] = Arrays.copyOf(texts[i], texts[i].length + 1);
                    texts[i][texts[i].length - 1] = next[i];
                }
            }
        }
        return texts.length;
    }
}
