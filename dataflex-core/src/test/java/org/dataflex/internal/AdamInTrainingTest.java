package org.dataflex.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Model;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.List;
import org.dataflex.DynamicTrainer;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.Samples;
import org.dataflex.model.Alignment;
import org.dataflex.model.GradientQuery;
import org.dataflex.model.Normalisation;
import org.dataflex.model.Preconditioner;
import org.dataflex.optim.AdamW;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.SelectionContext;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.TinyRuns;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Moments that a selector computes by hand, against those that it sees the optimizer use. */
@ExtendWith(NoLeaks.class)
class AdamInTrainingTest {

    private static final double BETA1 = 0.9f; // as floats, which DJL keeps
    private static final double BETA2 = 0.999f;

    private double[] m;
    private double[] v;
    private int checks;

    static List<Optimizer> optimizers() {
        Tracker rate = Tracker.fixed(0.01f);
        return List.of(
                Optimizer.adam().optLearningRateTracker(rate).build(),
                Optimizer.adamW().optLearningRateTracker(rate).build(),
                AdamW.builder().optLearningRateTracker(rate).build());
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void select_preconditioned_usesTheMomentsOfTheStepsSoFar(Optimizer optimizer) throws Exception {
        try (Model model = TinyRuns.model();
                DynamicTrainer trainer =
                        TinyRuns.trainer(model)
                                .setTrainingConfig(TinyRuns.config(optimizer))
                                .setSteps(6)
                                .optSelector(this::select, UpdateSchedule.every(1))
                                .build()) {
            trainer.fit();
        }
        assertEquals(6, checks);
    }

    /** Chooses 8 rows, which are all of the next step's. */
    private Selection select(SelectionContext context) {
        SampleIndices next = SampleIndices.range(context.step() * 8, context.step() * 8 + 8);
        double[][] rows = rows(context, next, GradientQuery.full());
        if (m == null) {
            m = new double[rows[0].length];
            v = new double[rows[0].length];
        }
        check(context, rows, next);
        for (int j = 0; j < m.length; j++) { // the step that follows
            double g = 0;
            for (double[] row : rows) {
                g += row[j] / rows.length;
            }
            m[j] = BETA1 * m[j] + (1 - BETA1) * g;
            v[j] = BETA2 * v[j] + (1 - BETA2) * g * g;
        }
        return Selection.of(next);
    }

    private void check(SelectionContext context, double[][] rows, SampleIndices next) {
        Preconditioner adam = Preconditioner.Adam.less();
        double[][] gammas = rows(context, next, GradientQuery.full().preconditioned(adam));
        Samples samples = new Samples(context.pool(), next);
        Alignment alignment =
                context.model()
                        .alignment(
                                samples,
                                List.of(
                                        context.model()
                                                .meanGradient(
                                                        samples, n -> true, Normalisation.UNIT)),
                                adam);
        for (int i = 0; i < rows.length; i++) {
            double square = 0;
            for (int j = 0; j < m.length; j++) {
                double g = rows[i][j];
                double variance = 0.999 * v[j] + 0.001 * g * g;
                double gamma = (0.9 * m[j] + 0.1 * g) / Math.sqrt(variance + 1e-8);
                assertEquals(gamma, gammas[i][j], 1e-4); // v of float32 steps
                square += gamma * gamma;
            }
            assertEquals(Math.sqrt(square), alignment.norms()[i], 1e-4 * Math.sqrt(square));
        }
        checks++;
    }

    private static double[][] rows(
            SelectionContext context, SampleIndices indices, GradientQuery query) {
        return GradientRows.of(context.model(), new Samples(context.pool(), indices), query);
    }
}
