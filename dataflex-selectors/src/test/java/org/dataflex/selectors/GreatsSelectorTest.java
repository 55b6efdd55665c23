package org.dataflex.selectors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.dataflex.data.SampleSet;
import org.dataflex.model.Projection;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.Selector;
import org.dataflex.testing.FakeContexts;
import org.dataflex.testing.FakeModelOps;
import org.dataflex.testing.FakePool;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.SelectorContract;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class GreatsSelectorTest implements SelectorContract {

    private static final SampleSet EXAM = FakePool.samples(3);

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void tearDown() {
        manager.close();
    }

    @Override
    public Selector create() {
        return selector(0.2);
    }

    private static GreatsSelector selector(double learningRate) {
        return GreatsSelector.builder()
                .setTargets("exam", EXAM)
                .setLearningRate(learningRate)
                .build();
    }

    @Override
    public boolean isDeterministic() {
        return true;
    }

    @Override
    public boolean isCreatableByName() {
        return false;
    }

    @Override
    public FakeModelOps modelAt(long step) {
        return FakeModelOps.withGradients(
                manager, (set, i) -> GaussianRows.of(6, set == EXAM ? 3 : 0, i + 1_000 * step));
    }

    private Selection select(
            GreatsSelector selector, double[][] candidates, double[][] targets, int budget) {
        FakeModelOps model =
                FakeModelOps.withGradients(
                        manager, (set, i) -> (set == EXAM ? targets : candidates)[i.intValue()]);
        return selector.select(
                FakeContexts.of(FakePool.ofSize(candidates.length))
                        .withModel(model)
                        .selection(budget));
    }

    @Test
    void nameAndSettings() {
        assertEquals("greats", create().name());
        assertEquals(
                "{targets=exam:3 fake samples, learningRate=0.2,"
                        + " projection=CountSketch[dimension=4096, seed=42], parameters=}",
                create().settings().toString());
        assertEquals(
                "{targets=exam:3 fake samples, learningRate=1.0, projection=Identity[],"
                        + " parameters=lora}",
                GreatsSelector.builder()
                        .setTargets("exam", EXAM)
                        .setLearningRate(1)
                        .optProjection(new Projection.Identity())
                        .optParameters(Pattern.compile("lora"))
                        .build()
                        .settings()
                        .toString());
        assertEquals(Map.of("exam", EXAM), create().targets());
    }

    @Test
    void select_twins_areNotBothChosen_unlessTheStepIsTiny() {
        double[][] candidates = {{2, 0}, {2, 0}, {0, 1}, {-1, 0}};
        double[][] targets = {{1, 0}, {1, 1}, {1, 2}}; // mean (1, 1)
        // gains 1 1 0.5 -0.5; after 0: 1 is 1 - 1 = 0, 3 is -0.5 + 0.5 = 0
        Selection diverse = select(selector(0.5), candidates, targets, 2);
        assertEquals(List.of(0L, 2L), diverse.indices().asList());
        assertArrayEquals(new double[] {1, 0.5}, diverse.scores(), 1e-7);
        assertEquals(0, diverse.candidateScores().orElseThrow().min(), 1e-7);
        Selection greedy = select(selector(1e-4), candidates, targets, 2);
        assertEquals(List.of(0L, 1L), greedy.indices().asList());
    }

    @Test
    void select_eachChoice_lowersAQuadraticTargetLossMost() {
        for (long seed = 0; seed < 20; seed++) {
            double[][] candidates = new double[12][];
            for (int i = 0; i < 12; i++) {
                candidates[i] = GaussianRows.of(6, seed, i);
            }
            double[][] targets = {
                GaussianRows.of(6, seed, 50),
                GaussianRows.of(6, seed, 51),
                GaussianRows.of(6, seed, 52)
            };
            Selection selection = select(selector(0.3), candidates, targets, 7);
            assertEquals(
                    brute(candidates, targets, 0.3, 7),
                    selection.indices().stream().mapToInt(i -> (int) i).boxed().toList(),
                    "seed " + seed);
        }
    }

    /**
     * By trying: the target loss after a step is g . d + |d|^2 / 2, less z's own |eta g_z|^2 / 2.
     */
    private static List<Integer> brute(
            double[][] candidates, double[][] targets, double eta, int budget) {
        double[] step = new double[6];
        Set<Integer> left = new HashSet<>(IntStream.range(0, candidates.length).boxed().toList());
        List<Integer> chosen = new java.util.ArrayList<>();
        while (chosen.size() < budget) {
            int best = -1;
            double lowest = Double.POSITIVE_INFINITY;
            for (int z : left) {
                double[] tried = step.clone();
                double own = 0;
                for (int k = 0; k < 6; k++) {
                    tried[k] -= eta * candidates[z][k];
                    own += eta * candidates[z][k] * eta * candidates[z][k];
                }
                double loss = loss(tried, targets) - own / 2;
                if (loss < lowest) {
                    lowest = loss;
                    best = z;
                }
            }
            chosen.add(best);
            left.remove(best);
            for (int k = 0; k < 6; k++) {
                step[k] -= eta * candidates[best][k];
            }
        }
        return chosen;
    }

    private static double loss(double[] step, double[][] targets) {
        double loss = 0;
        for (int k = 0; k < 6; k++) {
            int column = k;
            double g = Arrays.stream(targets).mapToDouble(t -> t[column]).average().orElseThrow();
            loss += g * step[k] + step[k] * step[k] / 2;
        }
        return loss;
    }

    @Test
    void select_gradientsThatAreNotFinite_areLast_andSpoilNothing() {
        double[][] candidates = {{Double.NaN, 0}, {1, 0}, {1 / 0.0, 0}, {2, 0}};
        double[][] targets = {{1, 0}, {1, 0}, {1, 0}};
        Selection selection = select(selector(0.1), candidates, targets, 4);
        assertEquals(List.of(3L, 1L, 0L, 2L), selection.indices().asList());
        double infinite = Double.NEGATIVE_INFINITY;
        assertArrayEquals(
                new double[] {0.2, 0.1 - 0.02, infinite, infinite}, selection.scores(), 1e-7);
    }

    @Test
    void select_nothingFinite_isRefused() {
        double[][] good = {{1, 0}, {1, 0}, {1, 0}};
        double[][] bad = {{Double.NaN, 0}, {1, 0}, {1, 0}};
        assertEquals(
                "the gradient of none of 1 candidates is finite; find out why the model's losses"
                        + " are NaN or infinite",
                assertThrows(
                                IllegalStateException.class,
                                () -> select(selector(1), new double[][] {bad[0]}, good, 1))
                        .getMessage());
        assertEquals(
                "the gradient of target set 'exam' is 0, so that nothing points towards it; see that"
                        + " it has one at this step over the parameters that are compared, or warm up"
                        + " longer",
                assertThrows(
                                IllegalStateException.class,
                                () -> select(selector(1), good, new double[3][2], 1))
                        .getMessage());
        assertEquals(
                "the gradient of a sample of target set 'exam' is not finite; find out why its loss"
                        + " is NaN or infinite",
                assertThrows(IllegalStateException.class, () -> select(selector(1), good, bad, 1))
                        .getMessage());
    }

    @Test
    void builder_badInput_isRefused() {
        for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertEquals(
                    "learningRate = " + bad + ", must be finite and above 0",
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> GreatsSelector.builder().setLearningRate(bad))
                            .getMessage());
        }
        assertEquals(
                "no target samples; call setTargets",
                assertThrows(
                                IllegalStateException.class,
                                () -> GreatsSelector.builder().setLearningRate(1).build())
                        .getMessage());
        assertEquals(
                "no learning rate; call setLearningRate with the optimizer's rate over the rows of"
                        + " a step",
                assertThrows(
                                IllegalStateException.class,
                                () -> GreatsSelector.builder().setTargets("exam", EXAM).build())
                        .getMessage());
    }
}
