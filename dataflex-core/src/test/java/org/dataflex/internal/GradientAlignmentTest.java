package org.dataflex.internal;

import static org.dataflex.internal.GradientRows.dot;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.TrainingDivergedException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.optimizer.Optimizer;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.Samples;
import org.dataflex.loss.ClassificationLoss;
import org.dataflex.model.Alignment;
import org.dataflex.model.Direction;
import org.dataflex.model.GradientQuery;
import org.dataflex.model.Normalisation;
import org.dataflex.model.Preconditioner;
import org.dataflex.model.Projection;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.PointSamples;
import org.dataflex.testing.TinyRuns;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class GradientAlignmentTest {

    private static final Preconditioner NONE = new Preconditioner.None();
    private static final Predicate<String> ALL = name -> true;

    private final PointSamples points = new PointSamples(20, 4);
    private final Samples targets = new Samples(points, SampleIndices.of(3, 1, 17, 8, 3));
    private Model model;
    private NDManager scope;
    private Optimizer adam;
    private DjlModelOps ops;

    @BeforeEach
    void setUp() {
        model = initialized(3);
        scope = model.getNDManager().newSubManager();
        adam = Optimizer.adam().build();
        ops = new DjlModelOps(model, new ClassificationLoss(), adam, scope, 8);
    }

    private static Model initialized(int seed) {
        Model model = TinyRuns.model(0.5f); // dropout must not act on any question
        model.getNDManager().getEngine().setRandomSeed(seed);
        model.getBlock().initialize(model.getNDManager(), model.getDataType(), new Shape(1, 2));
        return model;
    }

    @AfterEach
    void tearDown() {
        scope.close();
        model.close();
    }

    @Test
    void meanGradient_equalsTheMeanOfTheRows() {
        double[][] rows = GradientRows.of(ops, targets, GradientQuery.full());
        assertMean(rows, false, ops.meanGradient(targets, ALL, Normalisation.NONE));
        assertMean(rows, true, ops.meanGradient(targets, ALL, Normalisation.UNIT));
    }

    private void assertMean(double[][] rows, boolean unit, Direction actual) {
        double[] mean = GradientRows.mean(rows, unit);
        double[] values = GradientRows.of(actual);
        assertEquals(mean.length, values.length);
        for (int j = 0; j < mean.length; j++) {
            assertEquals(mean[j], values[j], 1e-6); // float32 sum of 5 terms of at most 1
        }
    }

    @Test
    void alignment_equalsTheRowsMultipliedOnTheHost() {
        Samples samples = new Samples(points, SampleIndices.of(5, 2, 11, 5));
        List<Direction> directions = directions();
        for (Preconditioner by :
                List.of(NONE, Preconditioner.Adam.less(), Preconditioner.Adam.dataFlex())) {
            double[][] rows =
                    GradientRows.of(ops, samples, GradientQuery.full().preconditioned(by));
            Alignment alignment = ops.alignment(samples, directions, by);
            assertEquals(4, alignment.size());
            for (int i = 0; i < rows.length; i++) {
                double norm = Math.sqrt(dot(rows[i], rows[i]));
                assertEquals(norm, alignment.norms()[i], 1e-5 * norm);
                for (int s = 0; s < 2; s++) {
                    double[] u = GradientRows.of(directions.get(s));
                    double tolerance = 1e-5 * norm * Math.sqrt(dot(u, u));
                    assertEquals(dot(rows[i], u), alignment.products()[i][s], tolerance);
                }
            }
        }
    }

    private List<Direction> directions() {
        return List.of(
                ops.meanGradient(targets, ALL, Normalisation.UNIT),
                ops.meanGradient(targets, ALL, Normalisation.NONE));
    }

    @Test
    void alignment_withMeanUnitGradients_isTheMeanCosine_forRandomModels() {
        for (int seed = 0; seed < 100; seed++) {
            try (Model random = initialized(seed);
                    NDManager manager = random.getNDManager().newSubManager()) {
                DjlModelOps of = new DjlModelOps(random, new ClassificationLoss(), manager, 8);
                Samples some = Samples.all(new PointSamples(4, seed));
                Samples targets = Samples.all(new PointSamples(3, seed + 1000));
                Direction mean = of.meanGradient(targets, ALL, Normalisation.UNIT);
                Alignment alignment = of.alignment(some, List.of(mean), NONE);
                double[][] rows = GradientRows.of(of, some, GradientQuery.full());
                double[] unit =
                        GradientRows.mean(GradientRows.of(of, targets, GradientQuery.full()), true);
                for (int i = 0; i < 4; i++) {
                    double cosine = dot(rows[i], unit) / Math.sqrt(dot(rows[i], rows[i]));
                    assertEquals(cosine, alignment.unitProduct(i, 0), 1e-6, "seed " + seed);
                }
            }
        }
    }

    @Test
    void alignment_ofSomeParameters_looksAtThoseOfTheDirections() {
        String first = model.getBlock().getParameters().keyAt(0);
        Direction part = ops.meanGradient(targets, first::equals, Normalisation.UNIT);
        GradientQuery query = new GradientQuery(first::equals, new Projection.Identity());
        double[] row = GradientRows.of(ops, targets, query)[0];
        assertEquals(16, row.length);
        Alignment alignment = ops.alignment(targets, List.of(part), NONE);
        assertEquals(Math.sqrt(dot(row, row)), alignment.norms()[0], 1e-6);
    }

    @Test
    void alignment_ofFrozenParameters_leavesThemOut() {
        model.getBlock().getParameters().valueAt(0).freeze(true);
        Direction direction = ops.meanGradient(targets, ALL, Normalisation.NONE);
        assertEquals(35, GradientRows.of(direction).length);
        double[] row = GradientRows.of(ops, targets, GradientQuery.full())[0];
        Alignment alignment = ops.alignment(targets, List.of(direction), NONE);
        assertEquals(Math.sqrt(dot(row, row)), alignment.norms()[0], 1e-6);
    }

    @Test
    void everyQuestion_leavesParametersAndGradientsAsBefore() {
        Map<String, float[]> before = TinyRuns.parameters(model);
        ops.alignment(targets, directions(), Preconditioner.Adam.less());
        TinyRuns.parameters(model)
                .forEach((name, values) -> assertArrayEquals(before.get(name), values));
        assertZeroGradients();
    }

    private void assertZeroGradients() {
        for (Parameter parameter : model.getBlock().getParameters().values()) {
            try (NDArray gradient = parameter.getArray().getGradient()) {
                for (float value : gradient.toFloatArray()) {
                    assertEquals(0f, value);
                }
            }
        }
    }

    @Test
    void manySamples_holdNoMoreArraysThanFew() {
        int before = NoLeaks.arrays();
        Samples many = Samples.all(new PointSamples(300, 1));
        Direction direction = ops.meanGradient(many, ALL, Normalisation.UNIT);
        assertEquals(before + 4, NoLeaks.arrays()); // one a parameter
        ops.alignment(many, List.of(direction), Preconditioner.Adam.less());
        assertEquals(before + 4, NoLeaks.arrays());
    }

    @Test
    void meanGradient_ofAZeroGradient_countsItAsZero() {
        try (RowModel rows = new RowModel(2)) {
            Samples samples = RowModel.samples(new double[] {3, 4}, new double[] {0, 0});
            Direction unit = rows.ops().meanGradient(samples, ALL, Normalisation.UNIT);
            assertArrayEquals(new double[] {0.3, 0.4}, GradientRows.of(unit), 1e-7);
            Direction raw = rows.ops().meanGradient(samples, ALL, Normalisation.NONE);
            assertArrayEquals(new double[] {1.5, 2}, GradientRows.of(raw));
            Alignment alignment = rows.ops().alignment(samples, List.of(unit), NONE);
            assertEquals(0f, alignment.norms()[1]);
            assertEquals(0f, alignment.unitProduct(1, 0));
        }
    }

    @Test
    void gradientsNotFinite_areRefusedInAMean_andMarkedInAnAlignment() {
        try (RowModel rows = new RowModel(2)) {
            DjlModelOps of = rows.ops();
            Samples samples = RowModel.samples(new double[] {3, 4}, new double[] {Double.NaN, 1});
            for (Normalisation normalisation : Normalisation.values()) {
                TrainingDivergedException e =
                        assertThrows(
                                TrainingDivergedException.class,
                                () -> of.meanGradient(samples, ALL, normalisation));
                assertEquals(
                        "the gradient of sample 1 is not finite: its norm is NaN", e.getMessage());
            }
            Direction good =
                    of.meanGradient(
                            new Samples(samples.source(), SampleIndices.of(0)),
                            ALL,
                            Normalisation.UNIT);
            Alignment alignment =
                    of.alignment(
                            new Samples(samples.source(), SampleIndices.of(1, 0)),
                            List.of(good),
                            NONE);
            assertTrue(Float.isNaN(alignment.norms()[0]));
            assertTrue(Float.isNaN(alignment.unitProduct(0, 0)));
            assertEquals(1f, alignment.unitProduct(1, 0), 1e-6f);
        }
    }
}
