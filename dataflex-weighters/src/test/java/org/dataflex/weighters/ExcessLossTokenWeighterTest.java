package org.dataflex.weighters;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.dataflex.DynamicTrainer;
import org.dataflex.ReferenceLosses;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.TokenSequences;
import org.dataflex.event.TrainingEvent.DecisionApplied;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.DecoderConfig;
import org.dataflex.strategy.Strategies;
import org.dataflex.strategy.TokenWeighter;
import org.dataflex.strategy.TokenWeights;
import org.dataflex.testing.FakeContexts;
import org.dataflex.testing.FakePool;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.TinyTextRuns;
import org.dataflex.testing.TokenWeighterContract;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeaks.class)
class ExcessLossTokenWeighterTest implements TokenWeighterContract {

    private static final int VOCABULARY_SIZE = 11;

    @TempDir Path cache;
    private final CandidatePool pool = pool(64);
    private ReferenceLosses reference;

    @BeforeEach
    void setUp() throws IOException {
        try (Model model = Model.newInstance("reference")) {
            CausalLm decoder =
                    new CausalLm(
                            DecoderConfig.builder()
                                    .setVocabularySize(VOCABULARY_SIZE)
                                    .setHiddenSize(8)
                                    .setNumLayers(1)
                                    .setNumHeads(2)
                                    .optMaxPositions(8)
                                    .build(),
                            5);
            decoder.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 1));
            model.setBlock(decoder);
            reference = ReferenceLosses.compute(model, pool, cache, null);
        }
    }

    @AfterEach
    void tearDown() {
        reference.close();
    }

    /** Sample i has i % 5 target tokens. */
    private static CandidatePool pool(int size) {
        TokenSequences.Builder texts = TokenSequences.builder();
        for (int i = 0; i < size; i++) {
            int[] tokens = new int[1 + i % 5];
            for (int t = 0; t < tokens.length; t++) {
                tokens[t] = (3 * i + t * t) % VOCABULARY_SIZE;
            }
            texts.add(tokens);
        }
        return CandidatePool.of(texts.build());
    }

    @Override
    public TokenWeighter create() {
        return new ExcessLossTokenWeighter(reference);
    }

    @Override
    public FakeContexts contexts() {
        return FakeContexts.of(pool);
    }

    /** Losses of the pool's first samples that exceed the reference's as asked. */
    private float[][] losses(float[]... excess) {
        float[][] losses = new float[excess.length][];
        for (int i = 0; i < excess.length; i++) {
            losses[i] = reference.tokenLosses(i);
            for (int t = 0; t < losses[i].length; t++) {
                losses[i][t] += excess[i][t];
            }
        }
        return losses;
    }

    private TokenWeights weigh(double share, float[]... excess) {
        return new ExcessLossTokenWeighter(reference, share)
                .weigh(contexts().weightingTokens(losses(excess)));
    }

    /** 6 target tokens: the share of them with the largest excess, whatever their losses. */
    @Test
    void weigh_keepsTheLargestExcessLossesOfTheBatch() {
        float[][] excess = {{}, {-1}, {3, 1}, {2, -2, 0}};
        assertEquals(
                "TokenWeights[[], [0.0], [2.0, 2.0], [2.0, 0.0, 0.0]]",
                weigh(0.5, excess).toString());
        assertEquals(
                "TokenWeights[[], [0.0], [6.0, 0.0], [0.0, 0.0, 0.0]]",
                weigh(0.01, excess).toString());
        assertEquals(
                "TokenWeights[[], [1.0], [1.0, 1.0], [1.0, 1.0, 1.0]]",
                weigh(1, excess).toString());
        assertEquals(
                "TokenWeights[[], [0.0], [1.5, 1.5], [1.5, 0.0, 1.5]]",
                weigh(0.6, excess).toString()); // 3.6 tokens
    }

    @Test
    void weigh_otherTargetTokensThanTheReference_isRefused() {
        String message =
                assertThrows(
                                IllegalStateException.class,
                                () ->
                                        create().weigh(
                                                        contexts()
                                                                .weightingTokens(
                                                                        new float[0],
                                                                        new float[] {1, 2})))
                        .getMessage();
        assertEquals("sample 1 has 2 target tokens, and 1 in the reference losses", message);
    }

    /** Texts of 1 to 5 tokens side by side: padding has no weight and takes none of the share. */
    @Test
    void fit_paddedBatches_weighTargetTokensOnly() throws Exception {
        List<DecisionApplied> decisions = new ArrayList<>();
        try (Model model = TinyTextRuns.model();
                DynamicTrainer trainer =
                        TinyTextRuns.trainer(model)
                                .setPool(pool)
                                .setSteps(3)
                                .setBatchSize(9)
                                .optTokenWeighter(create(), UpdateSchedule.every(1))
                                .on(DecisionApplied.class, decisions::add)
                                .build()) {
            trainer.fit();
        }
        assertEquals(3, decisions.size());
        for (DecisionApplied decision : decisions) {
            TokenWeights weights = (TokenWeights) decision.decision();
            int tokens = 0;
            int kept = 0;
            double sum = 0;
            for (int i = 0; i < weights.size(); i++) {
                assertEquals(decision.samples().get(i) % 5, weights.get(i).length);
                for (float weight : weights.get(i)) {
                    tokens++;
                    kept += weight > 0 ? 1 : 0;
                    sum += weight;
                }
            }
            assertEquals(Math.round(ExcessLossTokenWeighter.SHARE * tokens), kept);
            assertEquals(tokens, sum, 1e-4);
        }
    }

    @Test
    void check_anotherPool_isRefused() {
        CandidatePool other = pool(63);
        String message =
                assertThrows(IllegalArgumentException.class, () -> create().check(other))
                        .getMessage();
        assertTrue(message.startsWith("the reference losses are of other samples"), message);
        assertThrows(IllegalArgumentException.class, () -> create().check(FakePool.ofSize(64)));
    }

    @Test
    void byName() throws IOException {
        Path store;
        try (Stream<Path> stores = Files.list(cache)) {
            store = stores.findFirst().orElseThrow();
        }
        TokenWeighter named =
                Strategies.create(
                        TokenWeighter.class,
                        "excess-loss",
                        Map.of("reference", store.toString(), "share", "0.7"));
        assertEquals("excess-loss", named.name());
        assertEquals(
                "{reference=" + reference.fingerprint() + ", share=0.7}",
                named.settings().toString());
        refused(
                "token weighter 'excess-loss': reference = null, must be a directory that"
                        + " ReferenceLosses.compute made",
                Map.of());
        refused(
                "token weighter 'excess-loss': share = 1.5, must be in (0, 1]",
                Map.of("reference", store.toString(), "share", "1.5"));
        refused(
                "token weighter 'excess-loss': reference: nowhere holds no reference losses: it has"
                        + " no reference.json",
                Map.of("reference", "nowhere"));
        String unknown =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> Strategies.create(TokenWeighter.class, "rho", Map.of()))
                        .getMessage();
        assertTrue(
                unknown.startsWith("no token weighter named 'rho'")
                        && unknown.endsWith("Is dataflex-weighters a dependency?"),
                unknown);
    }

    private static void refused(String message, Map<String, String> settings) {
        assertEquals(
                message,
                assertThrows(
                                IllegalArgumentException.class,
                                () ->
                                        Strategies.create(
                                                TokenWeighter.class, "excess-loss", settings))
                        .getMessage());
    }
}
