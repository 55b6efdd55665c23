package org.dataflex.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.dataflex.model.GenerationOptions;
import org.dataflex.testing.NoLeaks;
import org.dataflex.torch.InPlace;
import org.dataflex.torch.Precision;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The expected tokens are transformers'; generation.py wrote them. */
@ExtendWith(NoLeaks.class)
class GenerationTest {

    private static final List<int[]> PROMPTS =
            List.of(new int[] {3, 1, 4, 1, 5}, new int[] {9}, new int[] {2, 6, 5});

    private final NDManager manager = NDManager.newBaseManager();

    /** The logits of every pass. */
    private final List<float[]> logits = new ArrayList<>();

    private final List<Integer> arraysAlive = new ArrayList<>();

    @AfterEach
    void close() {
        manager.close();
    }

    private static GenerationOptions.Builder options(int maxNewTokens) {
        return GenerationOptions.builder().setMaxNewTokens(maxNewTokens);
    }

    private static GenerationOptions.Builder draws(int maxNewTokens) {
        return options(maxNewTokens).optTemperature(1.5).optSeed(7);
    }

    private List<List<Integer>> generate(
            CausalLm model, List<int[]> prompts, GenerationOptions.Builder options) {
        return lists(
                model.generate(
                        new ParameterStore(manager, false), manager, prompts, options.build()));
    }

    /** Generates, and notes what the model answers at every pass. */
    private List<List<Integer>> watched(
            CausalLm model, List<int[]> prompts, GenerationOptions.Builder options) {
        return watched(
                model,
                prompts,
                options,
                answer -> {
                    logits.add(answer.toType(DataType.FLOAT32, false).toFloatArray());
                    arraysAlive.add(NoLeaks.arrays());
                });
    }

    private List<List<Integer>> watched(
            CausalLm model,
            List<int[]> prompts,
            GenerationOptions.Builder options,
            Consumer<NDArray> watcher) {
        DecoderConfig config = model.config();
        Generation generation =
                new Generation(
                        config,
                        new RotaryEmbedding(
                                config.headSize(), config.ropeTheta(), config.ropeScaling()),
                        (pass, ids) -> {
                            NDArray answer = model.lastLogits(pass, ids);
                            watcher.accept(answer);
                            return answer;
                        },
                        options.build());
        return lists(generation.generate(new ParameterStore(manager, false), manager, prompts));
    }

    private static List<List<Integer>> lists(List<int[]> answers) {
        return answers.stream().map(a -> Arrays.stream(a).boxed().toList()).toList();
    }

    private static List<Integer> upTo(int stopToken, List<Integer> answer) {
        int at = answer.indexOf(stopToken);
        return at < 0 ? answer : answer.subList(0, at + 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "llama3", "mistral", "qwen2", "qwen3"})
    void generate_goldenPrompts_givesTransformersTokens(String family) throws IOException {
        CausalLm model = GoldenDecoder.model(GoldenDecoder.read(family + "-tiny.json"), manager);
        JsonNode golden = GoldenDecoder.read("generation.json");
        List<int[]> prompts = rows(golden.get("prompts"));
        List<int[]> expected = rows(golden.get("greedy").get(family).get("tokens"));
        for (int batchSize : new int[] {3, 2, 1}) {
            assertEquals(
                    lists(expected),
                    generate(model, prompts, options(24).optBatchSize(batchSize)),
                    "batch size " + batchSize);
        }
    }

    private static List<int[]> rows(JsonNode rows) {
        return StreamSupport.stream(rows.spliterator(), false)
                .map(row -> IntStream.range(0, row.size()).map(i -> row.get(i).asInt()).toArray())
                .toList();
    }

    /** A row of a padded batch with a cache, against the whole text alone without one. */
    private void assertLogitsAreThoseWithoutCache(CausalLm model, double tolerance) {
        int numTokens = 9;
        List<List<Integer>> answers = watched(model, PROMPTS, options(numTokens));
        assertEquals(numTokens, logits.size());
        int[] byLength = {1, 2, 0}; // the order of the rows
        for (int row = 0; row < PROMPTS.size(); row++) {
            int[] prompt = PROMPTS.get(byLength[row]);
            for (int n = 0; n < numTokens; n++) {
                long[] text =
                        IntStream.concat(
                                        IntStream.of(prompt),
                                        answers.get(byLength[row]).subList(0, n).stream()
                                                .mapToInt(i -> i))
                                .asLongStream()
                                .toArray();
                NDList alone = new NDList(TinyLm.ids(manager, text));
                float[] expected =
                        TinyLm.logits(model, manager, alone)
                                .get(0)
                                .get(text.length - 1)
                                .toType(DataType.FLOAT32, false)
                                .toFloatArray();
                int v = expected.length;
                assertArrayEquals(
                        expected,
                        Arrays.copyOfRange(logits.get(n), row * v, (row + 1) * v),
                        (float) tolerance,
                        "row " + row + ", new token " + n);
            }
        }
    }

    @Test
    void generate_grownCache_givesTheLogitsOfTheWholeText() {
        assertLogitsAreThoseWithoutCache(TinyLm.model(manager), 1e-5); // float32, values below 10
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 5, 13, 14})
    void generate_slidingWindow_givesTheLogitsOfTheWholeText(int window) {
        DecoderConfig config =
                TinyLm.config()
                        .optSlidingWindow(window)
                        .optQueryKeyNorm(true)
                        .optQueryKeyValueBias(true)
                        .optTieWordEmbeddings(true)
                        .build();
        assertLogitsAreThoseWithoutCache(TinyLm.model(manager, config), 1e-5); // as above
    }

    @Test
    void generate_experts_givesTheLogitsOfTheWholeText() {
        ExpertConfig experts = new ExpertConfig(4, 2, 6, 0, true);
        DecoderConfig config = TinyLm.config().optQueryKeyNorm(true).optExperts(experts).build();
        assertLogitsAreThoseWithoutCache(TinyLm.model(manager, config), 1e-5); // as above
    }

    @Test
    void generate_float64_givesTheLogitsOfTheWholeText() {
        CausalLm model = TinyLm.model(manager, TinyLm.config().build(), DataType.FLOAT64);
        assertLogitsAreThoseWithoutCache(model, 1e-5); // the turns are float32
    }

    @Test
    void generate_adapters_givesTheLogitsOfTheWholeText() {
        CausalLm model = TinyLm.model(manager);
        List<List<Integer>> plain = generate(model, PROMPTS, options(9));
        Lora lora = Lora.attach(model, LoraConfig.builder().setRank(2).build(), 1);
        lora.parameters()
                .forEach((name, p) -> p.getArray().addi(0.25)); // as if they had learned something
        assertLogitsAreThoseWithoutCache(model, 2e-5); // as above, larger values
        assertNotEquals(plain, generate(model, PROMPTS, options(9)));
    }

    @Test
    void generate_bfloat16_roundsAsTheWholeText() {
        CausalLm model = TinyLm.model(manager);
        watched(model, PROMPTS, options(1));
        float[] exact = logits.remove(0);
        model.setPrecision(Precision.BFLOAT16);
        // a sum in another order may round to the neighbour, 2^-8 of values below 10, 15 times
        assertLogitsAreThoseWithoutCache(model, 15 * 10 / 256.0);
        assertFalse(Arrays.equals(exact, logits.get(0)));
    }

    @Test
    void generate_stopToken_endsARowAndIsItsLast() {
        CausalLm model = TinyLm.model(manager);
        List<List<Integer>> whole = generate(model, PROMPTS, draws(11));
        int stop = whole.get(0).get(3);
        List<List<Integer>> expected = whole.stream().map(row -> upTo(stop, row)).toList();
        assertTrue(expected.get(0).size() <= 4 && !expected.equals(whole));
        assertTrue(expected.stream().anyMatch(row -> row.size() > expected.get(0).size()));
        for (int batchSize : new int[] {3, 1}) {
            assertEquals(
                    expected,
                    generate(
                            model,
                            PROMPTS,
                            draws(11).addStopTokens(Set.of(stop)).optBatchSize(batchSize)));
        }
    }

    @Test
    void generate_allRowsStopped_endsTheBatch() {
        CausalLm model = TinyLm.model(manager);
        List<List<Integer>> whole = generate(model, PROMPTS, options(3));
        List<Integer> stops = whole.stream().map(row -> row.get(1)).toList();
        List<List<Integer>> answers = watched(model, PROMPTS, options(3).addStopTokens(stops));
        assertTrue(logits.size() <= 2, logits.size() + " passes");
        answers.forEach(row -> assertTrue(stops.contains(row.get(row.size() - 1))));
    }

    @Test
    void generate_seed_decidesAllDraws() {
        CausalLm model = TinyLm.model(manager);
        List<List<Integer>> first = generate(model, PROMPTS, draws(10));
        assertEquals(first, generate(model, PROMPTS, draws(10)));
        assertNotEquals(first, generate(model, PROMPTS, draws(10).optSeed(8)));
    }

    @Test
    void generate_equalChances_drawsAnewForEachToken() {
        CausalLm model = TinyLm.model(manager);
        InPlace.zero(TinyLm.value(model, "model.norm.weight"));
        for (List<Integer> answer : generate(model, PROMPTS, draws(11))) {
            assertTrue(Set.copyOf(answer).size() > 4, answer.toString()); // of 11 tokens
        }
    }

    @Test
    void generate_draws_dependNeitherOnNeighboursNorOnBatchSize() {
        CausalLm model = TinyLm.model(manager);
        List<List<Integer>> all = generate(model, PROMPTS, draws(10));
        for (int batchSize : new int[] {1, 2, 3}) {
            assertEquals(all, generate(model, PROMPTS, draws(10).optBatchSize(batchSize)));
        }
        List<int[]> others =
                List.of(new int[] {7, 7}, PROMPTS.get(1), new int[] {0, 1, 2, 3, 4, 5});
        assertEquals(all.get(1), generate(model, others, draws(10)).get(1));
    }

    @Test
    void generate_samePromptTwice_isDrawnTwice() {
        CausalLm model = TinyLm.model(manager);
        List<int[]> twice = List.of(PROMPTS.get(0), PROMPTS.get(0));
        List<List<Integer>> drawn = generate(model, twice, draws(10));
        assertNotEquals(drawn.get(0), drawn.get(1));
        List<List<Integer>> greedy = generate(model, twice, options(10));
        assertEquals(greedy.get(0), greedy.get(1));
    }

    @Test
    void generate_noPrompts_givesNoAnswers() {
        assertEquals(List.of(), generate(TinyLm.model(manager), List.of(), options(3)));
    }

    /** Arrays of a pass are freed: as many are alive in the tenth as in the second. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 1})
    void generate_manyTokens_needsNoMoreArrays(double temperature) {
        CausalLm model = TinyLm.model(manager, TinyLm.config().optSlidingWindow(3).build());
        manager.cap();
        watched(model, PROMPTS, options(11).optTemperature(temperature).optSeed(1));
        assertEquals(11, arraysAlive.size());
        assertEquals(1, Set.copyOf(arraysAlive.subList(1, 11)).size(), arraysAlive.toString());
    }

    @Test
    void generate_whileTraining_recordsNothingAndLetsOthersRecord() {
        CausalLm model = TinyLm.model(manager);
        List<List<Integer>> expected = generate(model, PROMPTS, options(5));
        List<NDArray> answers = new ArrayList<>();
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            assertEquals(
                    expected,
                    watched(
                            model,
                            PROMPTS,
                            options(5),
                            answer -> {
                                answer.attach(manager); // outlives the pass
                                answers.add(answer);
                            }));
            for (NDArray answer : answers) {
                NDArray sum = answer.sum();
                assertThrows(EngineException.class, () -> collector.backward(sum));
            }
            NDList text = new NDList(TinyLm.ids(manager, new long[] {1}));
            collector.backward(TinyLm.logits(model, manager, text).sum());
        }
    }

    @Test
    void generate_wrongPrompts_messageHasALineForEachBeforeAnythingRuns() {
        CausalLm model = TinyLm.model(manager);
        List<int[]> wrong = List.of(new int[0], new int[] {1, 11, 12}, new int[5], new int[] {-1});
        Exception e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> watched(model, wrong, options(12).addStopTokens(Set.of(12))));
        assertEquals(
                List.of(
                        "prompts[0] is empty; begin it with a token, such as the model's bos token",
                        "prompts[1][1] = 11, must be a token id in [0, 11)",
                        "prompts[2] has 5 tokens, with maxNewTokens = 12 that is more than"
                                + " maxPositions = 16; shorten it or lower maxNewTokens",
                        "prompts[3][0] = -1, must be a token id in [0, 11)",
                        "stopTokens has 12, must be a token id in [0, 11)"),
                e.getMessage().lines().toList());
        assertEquals(0, logits.size());
    }

    @Test
    void generate_longestThatFits_isAnswered() {
        CausalLm model = TinyLm.model(manager);
        assertEquals(11, generate(model, List.of(new int[5]), options(11)).get(0).size());
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1})
    void generate_outputsAreNotFinite_isRefused(double temperature) {
        CausalLm model = TinyLm.model(manager);
        NDArray norm = TinyLm.value(model, "model.norm.weight");
        InPlace.copy(manager.full(norm.getShape(), Float.NaN), norm);
        Exception e =
                assertThrows(
                        IllegalStateException.class,
                        () ->
                                generate(
                                        model,
                                        List.of(new int[] {1}),
                                        options(2).optTemperature(temperature).optSeed(1)));
        assertEquals(
                "the largest logit is NaN at new token 0 of prompts[0]; are the parameters finite?",
                e.getMessage());
    }
}
