package org.dataflex.weighters;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.random.RandomGenerator;
import org.dataflex.data.SampleSet;
import org.dataflex.math.Seeds;
import org.dataflex.math.Simplex;
import org.dataflex.strategy.Weighter;
import org.dataflex.testing.FakeContexts;
import org.dataflex.testing.FakeModelOps;
import org.dataflex.testing.FakePool;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.WeighterContract;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;

@ExtendWith(NoLeaks.class)
class JointUpdateAwareWeighterTest implements WeighterContract {

    private static final SampleSet EXAM = FakePool.samples(3);

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void tearDown() {
        manager.close();
    }

    private static JointUpdateAwareWeighter.Builder builder() {
        return JointUpdateAwareWeighter.builder().setTargets("exam", EXAM);
    }

    @Override
    public Weighter create() {
        return builder().build();
    }

    @Override
    public boolean isCreatableByName() {
        return false;
    }

    @Override
    public boolean isLossOnly() {
        return false;
    }

    @Override
    public FakeContexts contexts() {
        return embedded(
                index -> {
                    RandomGenerator random = Seeds.generator(9, index);
                    return new float[] {
                        (float) random.nextGaussian(), (float) random.nextGaussian()
                    };
                });
    }

    private FakeContexts embedded(LongFunction<float[]> embeddingOf) {
        return FakeContexts.of(FakePool.ofSize(64))
                .withModel(FakeModelOps.withEmbeddings(manager, embeddingOf));
    }

    /** Without redundancy w = softmax(s / tau). */
    @Test
    void maximise_withoutRedundancy_isSoftmax() {
        double[] s = {0.2, -0.4, 0.9};
        double[] w =
                builder().optRedundancy(0).optTemperature(0.5).build().maximise(s, identity(3));
        assertArrayEquals(Simplex.softmax(new double[] {0.4, -0.8, 1.8}), w, 1e-8);
    }

    /** Two samples that are one and the same share what one of them alone would have. */
    @Test
    void maximise_twins_shareTheirWeight() {
        double[][] gram = {{1, 1, 0}, {1, 1, 0}, {0, 0, 1}};
        double[] w = builder().optTemperature(1e-3).build().maximise(new double[3], gram);
        assertEquals(0.25, w[0], 1e-3);
        assertEquals(w[0], w[1], 1e-12);
        assertEquals(0.5, w[2], 1e-3);
    }

    /** At the end w is the fixed point, and no direction on the simplex leads uphill. */
    @Test
    void maximise_randomProblems_endsAtTheMaximum() {
        for (long seed = 0; seed < 200; seed++) {
            RandomGenerator random = Seeds.generator(3, seed);
            int n = 1 + random.nextInt(8);
            double[][] phi = new double[n][3];
            double[] s = new double[n];
            for (int i = 0; i < n; i++) {
                s[i] = 2 * random.nextDouble() - 1;
                for (int d = 0; d < 3; d++) {
                    phi[i][d] = random.nextGaussian();
                }
                double norm = Math.sqrt(TargetMean.dot(phi[i], phi[i]));
                for (int d = 0; d < 3; d++) {
                    phi[i][d] /= norm;
                }
            }
            double[][] gram = new double[n][n];
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < n; j++) {
                    gram[i][j] = TargetMean.dot(phi[i], phi[j]);
                }
            }
            double beta = 4 * random.nextDouble();
            double tau = Math.pow(10, -1 + 2 * random.nextDouble());
            JointUpdateAwareWeighter weighter =
                    builder().optRedundancy(beta).optTemperature(tau).build();
            double[] w = weighter.maximise(s, gram);
            double[] logits = new double[n];
            for (int i = 0; i < n; i++) {
                logits[i] = (s[i] - beta * TargetMean.dot(gram[i], w)) / tau;
            }
            assertArrayEquals(Simplex.softmax(logits), w, 1e-6, "seed " + seed);
            double best = weighter.objective(w, s, gram);
            for (int trial = 0; trial < 20; trial++) {
                double[] other = new double[n];
                for (int i = 0; i < n; i++) {
                    other[i] = -Math.log(1 - random.nextDouble()) + 1e-9;
                }
                double value = weighter.objective(Simplex.normalize(other), s, gram);
                assertTrue(value <= best + 1e-9, "seed " + seed);
            }
        }
    }

    private static double[][] identity(int n) {
        double[][] identity = new double[n][n];
        for (int i = 0; i < n; i++) {
            identity[i][i] = 1;
        }
        return identity;
    }

    @Test
    void weigh_meanIsOne_andTheRedundantCountLess() {
        // the targets are all there is in the batch: two alike, one apart
        float[][] rows = {{1, 0}, {3, 0}, {0, 2}};
        JointUpdateAwareWeighter weighter = builder().optRedundancy(3).build();
        FakeContexts contexts = embedded(i -> rows[(int) i]);
        weighter.refresh(contexts.refreshing());
        float[] weights = weighter.weigh(contexts.weighting(1, 1, 1)).toArray();
        assertEquals(3, weights[0] + weights[1] + weights[2], 1e-5);
        assertEquals(weights[0], weights[1], 1e-6);
        assertTrue(weights[2] > weights[0]);
    }

    /** Of targets (1, 0), (1, 0), (0, 1) the mean is (2, 1) / 3, of length sqrt(5) / 3. */
    @Test
    void weigh_scoresAreCosinesToTheMeanOfTheTargets() {
        float[][] rows = {{1, 0}, {3, 0}, {0, 2}};
        JointUpdateAwareWeighter weighter = builder().optRedundancy(0).optTemperature(1).build();
        FakeContexts contexts = embedded(i -> rows[(int) i]);
        weighter.refresh(contexts.refreshing());
        double[] cosines = {2 / Math.sqrt(5), 2 / Math.sqrt(5), 1 / Math.sqrt(5)};
        double[] w = Simplex.softmax(cosines);
        assertArrayEquals(
                new float[] {(float) (3 * w[0]), (float) (3 * w[1]), (float) (3 * w[2])},
                weighter.weigh(contexts.weighting(1, 1, 1)).toArray(),
                1e-6f);
    }

    @Test
    void weigh_targetsThatCancelOut_areAsIfThereWereNone() {
        float[][] rows = {{1, 0}, {-1, 0}, {0, 0}};
        JointUpdateAwareWeighter weighter = builder().optRedundancy(0).build();
        FakeContexts contexts = embedded(i -> rows[(int) i]);
        weighter.refresh(contexts.refreshing());
        assertArrayEquals(
                new float[] {1, 1, 1},
                weighter.weigh(contexts.weighting(1, 1, 1)).toArray(),
                1e-6f);
    }

    @Test
    void nameSettingsAndTargets() {
        JointUpdateAwareWeighter weighter = builder().build();
        assertEquals("joint-update-aware", weighter.name());
        assertEquals(
                "{targets=exam:3 fake samples, redundancy=1.0, temperature=0.1}",
                weighter.settings().toString());
        assertEquals(Map.of("exam", EXAM), weighter.targets());
    }

    @Test
    void builder_whatIsWrong_isRefused() {
        refused(
                "temperature = -1.0, must be finite and above 0",
                () -> builder().optTemperature(-1));
        refused(
                "redundancy = -1.0, must be finite and at least 0",
                () -> builder().optRedundancy(-1));
        assertEquals(
                "no targets; call setTargets",
                assertThrows(
                                IllegalStateException.class,
                                () -> JointUpdateAwareWeighter.builder().build())
                        .getMessage());
    }

    private static void refused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
