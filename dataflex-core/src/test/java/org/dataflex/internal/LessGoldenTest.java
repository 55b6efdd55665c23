package org.dataflex.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.Samples;
import org.dataflex.math.TopK;
import org.dataflex.model.Alignment;
import org.dataflex.model.Direction;
import org.dataflex.model.GradientQuery;
import org.dataflex.model.Normalisation;
import org.dataflex.model.Preconditioner;
import org.dataflex.model.Preconditioner.EpsilonPlacement;
import org.dataflex.testing.Golden;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Gamma, cosines and selections of DataFlex and of LESS's own code. */
@ExtendWith(NoLeaks.class)
class LessGoldenTest {

    static List<JsonNode> gammas() {
        return Golden.cases("less-gamma.json");
    }

    @ParameterizedTest
    @MethodSource("gammas")
    void gradients_preconditioned_equalGamma(JsonNode golden) throws Exception {
        double[][] rows = matrix(golden.get("gradients"));
        Preconditioner adam =
                new Preconditioner.Adam(
                        0.9,
                        0.999,
                        1e-8,
                        EpsilonPlacement.valueOf(golden.get("placement").asText()),
                        golden.get("biasCorrection").asBoolean());
        try (RowModel model = new RowModel(rows[0].length)) {
            model.setMoments(
                    Golden.array(golden.get("m")),
                    Golden.array(golden.get("v")),
                    golden.get("t").asInt());
            NDArray gamma =
                    model.ops()
                            .gradients(
                                    RowModel.samples(rows),
                                    GradientQuery.full().preconditioned(adam));
            double[][] expected = matrix(golden.get("gamma"));
            for (int i = 0; i < expected.length; i++) {
                float[] actual = gamma.get(i).toFloatArray();
                double largest = Arrays.stream(expected[i]).map(Math::abs).max().orElseThrow();
                for (int j = 0; j < actual.length; j++) { // float32; beta1 m and g may cancel
                    double tolerance = 2e-6 * Math.max(0.01 * largest, Math.abs(expected[i][j]));
                    assertEquals(expected[i][j], actual[j], tolerance, "row " + i + ", " + j);
                }
            }
        }
    }

    @Test
    void gradients_projectedByTheReferencesSigns_selectWhatDataFlexSelects() throws Exception {
        JsonNode golden = Golden.cases("less-selection.json").get(0);
        double[][] signs = matrix(golden.get("signs"));
        try (RowModel model = new RowModel(12)) {
            model.setMoments(Golden.array(golden.get("m")), Golden.array(golden.get("v")), 10);
            GradientQuery adam =
                    GradientQuery.full().preconditioned(Preconditioner.Adam.dataFlex());
            double[][] train = unitRows(model, golden.get("gradients"), adam, signs);
            double[][] targets =
                    unitRows(model, golden.get("targets"), GradientQuery.full(), signs);
            double[][] similarity = matrix(golden.get("similarity"));
            double[] scores = new double[train.length];
            for (int i = 0; i < train.length; i++) {
                double[] cosines = new double[targets.length];
                for (int j = 0; j < targets.length; j++) {
                    cosines[j] = dot(train[i], targets[j]);
                }
                assertArrayEquals(similarity[i], cosines, 2e-6); // float32 of 12 terms
                scores[i] = Arrays.stream(cosines).average().orElseThrow();
            }
            assertArrayEquals(Golden.array(golden.get("score")), scores, 2e-6);
            assertArrayEquals(
                    Arrays.stream(Golden.array(golden.get("selected")))
                            .mapToInt(i -> (int) i)
                            .toArray(),
                    TopK.largest(scores, 4));
        }
    }

    private static double[][] unitRows(
            RowModel model, JsonNode rows, GradientQuery query, double[][] signs) {
        NDArray gradients = model.ops().gradients(RowModel.samples(matrix(rows)), query);
        double[][] projected = new double[rows.size()][signs[0].length];
        for (int i = 0; i < projected.length; i++) {
            float[] gradient = gradients.get(i).toFloatArray();
            for (int c = 0; c < projected[i].length; c++) {
                for (int j = 0; j < gradient.length; j++) {
                    projected[i][c] += gradient[j] * signs[j][c];
                }
            }
            double norm = Math.sqrt(dot(projected[i], projected[i]));
            projected[i] = Arrays.stream(projected[i]).map(x -> x / norm).toArray();
        }
        return projected;
    }

    @Test
    void alignment_withMeanUnitGradients_isTheMeanCosine() {
        JsonNode golden = Golden.cases("less-selection.json").get(1);
        double[][] targets = matrix(golden.get("targets"));
        double[] subtasks = Golden.array(golden.get("subtasks"));
        try (RowModel model = new RowModel(targets[0].length)) {
            DjlModelOps ops = model.ops();
            Samples all = RowModel.samples(targets);
            Direction mean = ops.meanGradient(all, name -> true, Normalisation.UNIT);
            List<Direction> directions =
                    List.of(mean, subtask(ops, all, subtasks, 0), subtask(ops, all, subtasks, 1));
            Alignment alignment =
                    ops.alignment(
                            RowModel.samples(matrix(golden.get("gradients"))),
                            directions,
                            new Preconditioner.None());
            double[] score = Golden.array(golden.get("score"));
            double[][] bySubtask = matrix(golden.get("subtaskScores"));
            for (int i = 0; i < score.length; i++) { // float32 of 9 terms
                assertEquals(score[i], alignment.unitProduct(i, 0), 1e-6);
                assertEquals(bySubtask[i][0], alignment.unitProduct(i, 1), 1e-6);
                assertEquals(bySubtask[i][1], alignment.unitProduct(i, 2), 1e-6);
            }
        }
    }

    private static Direction subtask(
            DjlModelOps ops, Samples targets, double[] subtasks, int subtask) {
        long[] rows =
                IntStream.range(0, subtasks.length)
                        .filter(j -> subtasks[j] == subtask)
                        .asLongStream()
                        .toArray();
        return ops.meanGradient(
                new Samples(targets.source(), SampleIndices.of(rows)),
                name -> true,
                Normalisation.UNIT);
    }

    private static double dot(double[] a, double[] b) {
        return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
    }

    private static double[][] matrix(JsonNode rows) {
        return StreamSupport.stream(rows.spliterator(), false)
                .map(Golden::array)
                .toArray(double[][]::new);
    }
}
