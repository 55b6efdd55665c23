package org.dataflex.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.util.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.dataflex.DynamicTrainer;
import org.dataflex.ReferenceLosses;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.Samples;
import org.dataflex.data.TokenSequences;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.strategy.Selection;
import org.dataflex.testing.NoLeaks;
import org.dataflex.torch.InPlace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeaks.class)
class ReferenceLossesTest {

    @TempDir Path cache;
    private Model model;

    @BeforeEach
    void setUp() {
        model = model(5);
    }

    @AfterEach
    void tearDown() {
        model.close();
    }

    private static Model model(long seed) {
        Model model = Model.newInstance("reference");
        model.setDataType(DataType.FLOAT32);
        CausalLm decoder = new CausalLm(TinyLm.config().build(), seed);
        decoder.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 1));
        model.setBlock(decoder);
        return model;
    }

    /** 300 texts: more than are computed between two reports; some have no targets. */
    private static CandidatePool pool(int shift) {
        TokenSequences.Builder texts = TokenSequences.builder();
        for (int i = 0; i < 300; i++) {
            int[] tokens = new int[1 + i % 7];
            for (int t = 0; t < tokens.length; t++) {
                tokens[t] = (i * 3 + t * t + shift) % TinyLm.VOCABULARY_SIZE;
            }
            texts.add(tokens, i % 5 == 0 ? tokens.length : 0);
        }
        return CandidatePool.of(texts.build());
    }

    @Test
    void losses_areThoseThatAStrategyIsAnswered() throws Exception {
        CandidatePool pool = pool(0);
        try (ReferenceLosses losses = ReferenceLosses.compute(model, pool, cache, null);
                Model trained = model(6);
                DynamicTrainer trainer =
                        DynamicTrainer.builder()
                                .setModel(trained)
                                .setTrainingConfig(
                                        new ai.djl.training.DefaultTrainingConfig(
                                                new CausalLmLoss()))
                                .setPool(pool)
                                .setSteps(1)
                                .setBatchSize(4)
                                .optSelector(
                                        c -> {
                                            assertSame(
                                                    losses,
                                                    c.modelOps(model)
                                                            .tokenLosses(Samples.all(pool)));
                                            return Selection.of(
                                                    c.candidates().indices().slice(0, 4));
                                        },
                                        UpdateSchedule.every(1))
                                .build()) {
            trainer.fit();
        }
    }

    private static void assertSame(ReferenceLosses stored, float[][] asked) {
        assertEquals(asked.length, stored.size());
        double sum = 0;
        int n = 0;
        for (int i = 0; i < asked.length; i++) {
            assertArrayEquals(asked[i], stored.tokenLosses(i), 1e-5f); // other batches
            for (float loss : asked[i]) {
                sum += loss;
                n++;
            }
        }
        assertEquals(0, asked[0].length);
        assertEquals(sum / n, stored.meanLoss(), 1e-5);
    }

    @Test
    void secondTime_nothingIsComputed() throws IOException {
        Steps first = new Steps();
        Steps second = new Steps();
        String fingerprint;
        try (ReferenceLosses losses = ReferenceLosses.compute(model, pool(0), cache, first)) {
            fingerprint = losses.fingerprint();
        }
        assertEquals(List.of("reset 300", "update 255", "update 299", "end"), first.calls);
        try (ReferenceLosses losses = ReferenceLosses.compute(model, pool(0), cache, second)) {
            assertEquals(fingerprint, losses.fingerprint());
        }
        assertEquals(List.of(), second.calls);
    }

    @Test
    void otherModelOrSamples_haveAStoreOfTheirOwn() throws IOException {
        try (Model other = model(6);
                ReferenceLosses a = ReferenceLosses.compute(model, pool(0), cache, null);
                ReferenceLosses b = ReferenceLosses.compute(other, pool(0), cache, null);
                ReferenceLosses c = ReferenceLosses.compute(model, pool(1), cache, null)) {
            assertFalse(a.fingerprint().equals(b.fingerprint()));
            assertFalse(a.fingerprint().equals(c.fingerprint()));
            assertEquals(3, stores().size());
            String message =
                    assertThrows(IllegalArgumentException.class, () -> c.requireSamples(pool(0)))
                            .getMessage();
            assertEquals(
                    "the reference losses are of other samples, "
                            + pool(1).fingerprint()
                            + "; compute those of "
                            + pool(0).fingerprint(),
                    message);
        }
    }

    @Test
    void unknownTokens_areRefused() throws IOException {
        CandidatePool larger =
                CandidatePool.of(
                        TokenSequences.builder()
                                .add(new int[] {1, 11, 2})
                                .add(new int[] {3})
                                .build());
        assertRefused(
                larger,
                "the samples have the token 11, and the reference model knows 11 tokens: give one"
                        + " of the samples' tokenizer");
    }

    /** As with another tokenizer: sure, and wrong. */
    @Test
    void lossesFarAboveGuessing_areRefused() throws IOException {
        scale(30);
        assertRefused(pool(0), "nats a token, and that of guessing among its 11 tokens 2.40");
    }

    @Test
    void lossesThatAreNotFinite_areRefused() throws IOException {
        scale(Float.NaN);
        assertRefused(pool(0), "the reference model's loss of a token is NaN; is it sound?");
    }

    private void scale(float factor) {
        for (Parameter parameter : model.getBlock().getParameters().values()) {
            NDArray value = parameter.getArray();
            try (NDArray scaled = value.mul(factor)) {
                InPlace.copy(scaled, value);
            }
        }
    }

    private void assertRefused(CandidatePool pool, String problem) throws IOException {
        String message =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> ReferenceLosses.compute(model, pool, cache, null))
                        .getMessage();
        assertTrue(message.contains(problem), message);
        assertEquals(List.of(), stores());
    }

    private List<Path> stores() throws IOException {
        try (Stream<Path> files = Files.list(cache)) {
            return files.toList();
        }
    }

    @Test
    void damagedStores_areRefused() throws IOException {
        ReferenceLosses.compute(model, pool(0), cache, null).close();
        Path store = stores().get(0);
        Path losses = store.resolve("losses.tokens");
        byte[] whole = Files.readAllBytes(losses);
        Files.write(losses, java.util.Arrays.copyOf(whole, whole.length - 8));
        assertDamaged("losses.tokens is truncated");
        Files.delete(losses);
        assertDamaged("there is no such token file");
        Files.write(losses, whole);
        Path description = store.resolve("reference.json");
        String json = Files.readString(description);
        Files.writeString(description, json.replace("\"version\" : 1", "\"version\" : 2"));
        assertDamaged("has version 2 of reference losses; this library reads version 1");
        Files.writeString(description, "{");
        assertDamaged("is not sound JSON");
        Files.delete(description);
        assertDamaged("holds no reference losses: it has no reference.json");
    }

    private void assertDamaged(String problem) {
        String message =
                assertThrows(
                                IOException.class,
                                () -> ReferenceLosses.compute(model, pool(0), cache, null))
                        .getMessage();
        assertTrue(message.contains(problem), message);
    }

    /** Notes what a progress bar is told. */
    private static final class Steps implements Progress {

        private final List<String> calls = new ArrayList<>();

        @Override
        public void reset(String message, long max, String trailing) {
            calls.add("reset " + max);
        }

        @Override
        public void start(long initial) {}

        @Override
        public void end() {
            calls.add("end");
        }

        @Override
        public void increment(long increment) {}

        @Override
        public void update(long progress, String message) {
            calls.add("update " + progress);
        }
    }
}
