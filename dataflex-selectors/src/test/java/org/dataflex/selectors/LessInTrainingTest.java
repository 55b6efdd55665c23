package org.dataflex.selectors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.dataflex.DynamicTrainer;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.SampleSet;
import org.dataflex.data.Samples;
import org.dataflex.model.GradientQuery;
import org.dataflex.model.ModelOps;
import org.dataflex.model.Preconditioner;
import org.dataflex.model.Projection;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.SelectionContext;
import org.dataflex.strategy.Selector;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.PointSamples;
import org.dataflex.testing.TinyRuns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** LESS in a run, against cosines of whole gradients that are computed row by row. */
@ExtendWith(NoLeaks.class)
class LessInTrainingTest {

    private static final SampleSet A = new PointSamples(7, 11);
    private static final SampleSet B = new PointSamples(5, 12);

    /** Values of a stored row. */
    private static final int K = 8_192;

    @TempDir Path directory;

    private double tolerance = 2e-6; // float32 of 35 terms
    private int checks;

    /** Lets a selector answer, and a test look at the answer. */
    private void run(Selector selector, Function<SelectionContext, double[]> expected)
            throws Exception {
        try (Model model = TinyRuns.model(0.3f);
                DynamicTrainer trainer =
                        TinyRuns.trainer(model)
                                .setSteps(12)
                                .optRunDirectory(directory.resolve("run"))
                                .optCheckpointInterval(2)
                                .optCheckpointsKept(9)
                                .optSelectionBudget(80)
                                .optSelector(
                                        context -> {
                                            Selection selection = selector.select(context);
                                            check(expected.apply(context), selection);
                                            return selection;
                                        },
                                        UpdateSchedule.every(3).afterWarmUp(6))
                                .build()) {
            trainer.fit();
        }
        assertEquals(2, checks);
    }

    private void check(double[] expected, Selection selection) {
        double[] actual = new double[expected.length];
        for (int rank = 0; rank < expected.length; rank++) {
            actual[(int) selection.indices().get(rank)] = selection.scores()[rank];
        }
        assertArrayEquals(expected, actual, tolerance);
        checks++;
    }

    private static LessSelectorBuilder builder() {
        return LessSelector.builder().addSubtask("a", A).addSubtask("b", B).optChunkSize(30);
    }

    private static double[][] rows(
            ModelOps model, Samples samples, Preconditioner preconditioner, String parameters) {
        GradientQuery query =
                new GradientQuery(
                        name -> name.contains(parameters),
                        new Projection.Identity(),
                        preconditioner);
        try (NDArray array = model.gradients(samples, query)) {
            double[][] rows = new double[samples.size()][];
            for (int i = 0; i < rows.length; i++) {
                try (NDArray row = array.get(i)) {
                    float[] values = row.toFloatArray();
                    rows[i] = new double[values.length];
                    for (int j = 0; j < values.length; j++) {
                        rows[i][j] = values[j];
                    }
                }
            }
            return rows;
        }
    }

    private static double meanCosine(double[] row, double[][] targets) {
        double sum = 0;
        for (double[] target : targets) {
            sum += dot(row, target) / Math.sqrt(dot(row, row) * dot(target, target));
        }
        return sum / targets.length;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int j = 0; j < a.length; j++) {
            sum += a[j] * b[j];
        }
        return sum;
    }

    /** The mean cosine of each candidate to A and to B. */
    private static double[][] cosines(
            ModelOps model, Samples candidates, Preconditioner preconditioner, String parameters) {
        Preconditioner none = new Preconditioner.None();
        double[][] gammas = rows(model, candidates, preconditioner, parameters);
        double[][] a = rows(model, Samples.all(A), none, parameters);
        double[][] b = rows(model, Samples.all(B), none, parameters);
        double[][] cosines = new double[gammas.length][];
        for (int i = 0; i < gammas.length; i++) {
            cosines[i] = new double[] {meanCosine(gammas[i], a), meanCosine(gammas[i], b)};
        }
        return cosines;
    }

    private static double[] largest(double[][] cosines) {
        double[] largest = new double[cosines.length];
        for (int i = 0; i < largest.length; i++) {
            largest[i] = Math.max(cosines[i][0], cosines[i][1]);
        }
        return largest;
    }

    @Test
    void select_isTheLargestMeanCosine() throws Exception {
        run(
                builder().build(),
                context ->
                        largest(
                                cosines(
                                        context.model(),
                                        context.candidates(),
                                        Preconditioner.Adam.less(),
                                        "")));
    }

    @Test
    void select_someParameters_countNoOthers() throws Exception {
        run(
                builder().optParameters(Pattern.compile("weight")).build(),
                context ->
                        largest(
                                cosines(
                                        context.model(),
                                        context.candidates(),
                                        Preconditioner.Adam.less(),
                                        "weight")));
    }

    @Test
    void select_overCheckpoints_isTheWeightedSum() throws Exception {
        Path first = directory.resolve("run/checkpoints/step-000000002");
        Path second = directory.resolve("run/checkpoints/step-000000006");
        run(
                builder()
                        .addCheckpoint(first, 0.03)
                        .addCheckpoint(second, 0.01)
                        .optBiasCorrection(true)
                        .build(),
                context -> {
                    Preconditioner adam = Preconditioner.Adam.less().withBiasCorrection();
                    double[][] early =
                            cosines(context.modelAt(first), context.candidates(), adam, "");
                    double[][] late =
                            cosines(context.modelAt(second), context.candidates(), adam, "");
                    double[][] sums = new double[early.length][2];
                    for (int i = 0; i < sums.length; i++) {
                        for (int s = 0; s < 2; s++) {
                            sums[i][s] = 0.75 * early[i][s] + 0.25 * late[i][s];
                        }
                    }
                    return largest(sums);
                });
    }

    static List<Projection> projections() {
        return List.of(new Projection.Rademacher(K, 5), new Projection.CountSketch(K, 5));
    }

    @ParameterizedTest
    @MethodSource("projections")
    void select_stored_isWithinTheErrorOfTheProjection(Projection projection) throws Exception {
        tolerance = 5 / Math.sqrt(K); // a cosine's standard deviation is about 1 / sqrt(k)
        run(
                builder().optStore(directory.resolve("store"), projection).build(),
                context ->
                        largest(
                                cosines(
                                        context.model(),
                                        context.candidates(),
                                        Preconditioner.Adam.less(),
                                        "")));
    }
}
