package org.dataflex.torch;

import static org.dataflex.torch.Agreement.assertClose;
import static org.dataflex.torch.Agreement.normal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.dataflex.testing.NoLeaks;
import org.dataflex.torch.GradientOps.AdamStep;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(NoLeaks.class)
class GradientOpsTest {

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void products_areEachSamplesOwn() {
        NDArray d = normal(manager, 1, 3, 2, 5, 4);
        NDArray a = normal(manager, 2, 3, 2, 5, 6);
        for (Precision precision : Precision.values()) {
            NDArray rows = GradientOps.products(d, a, precision, 1, 3);
            assertEquals(new Shape(2, 24), rows.getShape());
            for (int i = 1; i < 3; i++) {
                NDArray expected =
                        d.get(i).reshape(10, 4).transpose().matMul(a.get(i).reshape(10, 6));
                double tolerance =
                        precision == Precision.FLOAT32 ? Agreement.FLOAT32 : Agreement.BFLOAT16;
                assertClose("sample " + i, expected, rows.get(i - 1), tolerance);
            }
        }
    }

    @Test
    void products_withoutPositions_areOuterProducts() {
        NDArray d = normal(manager, 1, 3, 4);
        NDArray a = normal(manager, 2, 3, 6);
        NDArray rows = GradientOps.products(d, a, Precision.FLOAT32, 0, 3);
        NDArray expected = d.expandDims(2).mul(a.expandDims(1)).reshape(3, 24);
        assertClose("rows", expected, rows, Agreement.FLOAT32);
    }

    @Test
    void sumsAndScales_addUpPositions() {
        NDArray d = normal(manager, 1, 3, 2, 5, 4);
        NDArray a = normal(manager, 2, 3, 2, 5, 4);
        NDIndex last = new NDIndex("1:");
        int[] positions = {1, 2};
        assertClose(
                "sums", d.sum(positions).get(last), GradientOps.sums(d, 1, 3), Agreement.FLOAT32);
        assertClose(
                "scales",
                d.mul(a).sum(positions).get(last),
                GradientOps.scales(d, a, 1, 3),
                Agreement.FLOAT32);
    }

    @Test
    void lookups_addUpEqualIds() {
        NDArray d = normal(manager, 1, 2, 3, 4);
        NDArray ids = manager.create(new long[] {4, 0, 4, 1, 1, 1}, new Shape(2, 3));
        NDArray rows = GradientOps.lookups(d, ids, 5, 0, 2).reshape(2, 5, 4);
        NDArray oneHot = ids.oneHot(5).toType(DataType.FLOAT32, false); // [2, 3, 5]
        NDArray expected = oneHot.transpose(0, 2, 1).matMul(d);
        assertClose("rows", expected, rows, Agreement.FLOAT32);
        NDArray second = GradientOps.lookups(d, ids, 5, 1, 2);
        assertArrayEquals(rows.get(1).toFloatArray(), second.toFloatArray());
    }

    /** One row and many, within a block and across several, with a rest. */
    @ParameterizedTest
    @CsvSource({"1, 70000, 1", "40, 9000, 3", "3, 7, 2", "70, 3, 1", "20, 70000, 2"})
    void align_isNormsAndProducts(int n, int size, int count) {
        NDArray g = normal(manager, 1, n, size);
        NDList directions = directions(count, size);
        NDArray scores = GradientOps.align(g, directions);
        assertScores(g, directions, scores);
        NDArray squares = scores.get(new NDIndex(":, 0:1"));
        assertClose("squares", asFloat(squares), asFloat(GradientOps.squares(g)), 1e-6);
    }

    @ParameterizedTest
    @CsvSource({"1, 70000, 1", "40, 9000, 3", "3, 7, 2", "70, 3, 1"})
    void alignOfAdamSteps_isThatOfTheSteps(int n, int size, int count) {
        NDArray g = normal(manager, 1, n, size);
        NDArray m = normal(manager, 2, size, 1);
        NDArray v = normal(manager, 3, size, 1).square();
        NDArray none = manager.zeros(new Shape(1));
        NDList directions = directions(count, size);
        for (AdamStep step :
                new AdamStep[] {
                    new AdamStep(0.9, 0.1, 0.99, 0.01, 1e-2, 0),
                    new AdamStep(1.3, 0.2, 1.1, 0.05, 0, 1e-2)
                }) {
            NDArray gamma = gamma(g, m.reshape(-1), v.reshape(-1), step);
            assertClose("steps", gamma, GradientOps.adamSteps(g, m, v, step), Agreement.FLOAT32);
            assertScores(gamma, directions, GradientOps.align(g, m, v, step, directions));
            NDArray first = gamma(g, none, none, step);
            assertClose(
                    "first", first, GradientOps.adamSteps(g, none, none, step), Agreement.FLOAT32);
            assertScores(first, directions, GradientOps.align(g, none, none, step, directions));
        }
    }

    private static NDArray gamma(NDArray g, NDArray m, NDArray v, AdamStep step) {
        NDArray mean = g.mul(step.meanNow()).add(m.mul(step.meanPast()));
        NDArray variance = g.square().mul(step.varianceNow()).add(v.mul(step.variancePast()));
        return mean.div(variance.add(step.inside()).sqrt().add(step.outside()));
    }

    /** Directions in the shape that a parameter may have. */
    private NDList directions(int count, int size) {
        NDList directions = new NDList();
        for (int s = 0; s < count; s++) {
            directions.add(normal(manager, 10 + s, size, 1));
        }
        return directions;
    }

    private static void assertScores(NDArray g, NDList directions, NDArray scores) {
        int n = (int) g.getShape().get(0);
        int width = 1 + directions.size();
        assertEquals(new Shape(n, width), scores.getShape());
        double[] actual = scores.toDoubleArray();
        NDArray wide = g.toType(DataType.FLOAT64, false);
        double[] squares = wide.square().sum(new int[] {1}).toDoubleArray();
        for (int s = 0; s < directions.size(); s++) {
            NDArray u = directions.get(s).toType(DataType.FLOAT64, false);
            double[] products = wide.matMul(u).toDoubleArray();
            double norm = u.norm().getDouble();
            for (int i = 0; i < n; i++) { // float32 sums within a block
                double tolerance = 1e-6 * Math.sqrt(squares[i]) * norm;
                assertEquals(products[i], actual[i * width + s + 1], tolerance);
            }
        }
        for (int i = 0; i < n; i++) {
            assertEquals(squares[i], actual[i * width], 1e-6 * squares[i]);
        }
    }

    private static NDArray asFloat(NDArray array) {
        return array.toType(DataType.FLOAT32, false);
    }

    @Test
    void align_ofANaN_spoilsItsRowOnly() {
        NDArray g = normal(manager, 1, 20, 5000);
        NDList directions = directions(1, 5000);
        AdamStep step = new AdamStep(0.9, 0.1, 0.99, 0.01, 1e-2, 0);
        NDArray none = manager.zeros(new Shape(1));
        double[] good = GradientOps.align(g, none, none, step, directions).toDoubleArray();
        g.set(new NDIndex("17, 4999"), Float.NaN);
        double[] bad = GradientOps.align(g, none, none, step, directions).toDoubleArray();
        for (int k = 0; k < good.length; k++) {
            assertEquals(k / 2 == 17 ? Double.NaN : good[k], bad[k]);
        }
    }

    @Test
    void addRows_addsToTheRowsNamed() {
        NDArray target = manager.ones(new Shape(3, 4));
        NDArray rows = manager.create(new float[] {1, 2, 3, 4}, new Shape(2, 2));
        GradientOps.addRows(target, manager.create(new long[] {2, 0}), rows, 1);
        assertArrayEquals(new float[] {1, 4, 5, 1, 1, 1, 1, 1, 1, 2, 3, 1}, target.toFloatArray());
    }

    @Test
    void sketch_turnsBlocks() {
        NDArray rows = manager.create(new float[] {1, 2, 3, 4, 5}, new Shape(1, 5));
        NDArray signs = manager.create(new float[] {1, -1, 1, 1, 1});
        NDArray shifts = manager.create(new long[] {1, 2, 0});
        // columns 2 of block 0; 0, 1, 2 of block 1; 0 of block 2, of 3 each
        NDArray sketch = GradientOps.sketch(rows, signs, shifts, 3, 2);
        assertArrayEquals(new float[] {1 + 3 + 5, 4, -2}, sketch.toFloatArray());
    }

    @Test
    void arraysThatDoNotFit_areRefused() {
        NDArray g = normal(manager, 1, 3, 8);
        NDArray other = normal(manager, 2, 3, 9);
        assertRefused(
                "align: u must have P values; got [(3, 8), (3, 9)]",
                () -> GradientOps.align(g, new NDList(other)));
        assertRefused(
                "Adam's moments must have the P values of rows [n, P], or one; got [(3, 8), (3, 9)]",
                () ->
                        GradientOps.adamSteps(
                                g, other, other, new AdamStep(0.9, 0.1, 0.99, 0.01, 1e-2, 0)));
        assertRefused(
                "scales: d and a must be of one shape; got [(3, 8), (3, 9)]",
                () -> GradientOps.scales(g, other, 0, 1));
        assertRefused(
                "products: d must be [B, ..., O] and a [B, ..., I]; got [(3, 8), (2, 9)]",
                () ->
                        GradientOps.products(
                                g, other.get(new NDIndex(":2")), Precision.FLOAT32, 0, 1));
        assertRefused(
                "lookups: d must be [B, T, D] and ids [B, T]; got [(3, 8), (3, 9)]",
                () -> GradientOps.lookups(g, other, 5, 0, 1));
        assertRefused(
                "addRows: from column 1 of [N, K], places [n] and rows [n, C];"
                        + " got [(3, 8), (3), (3, 8)]",
                () -> GradientOps.addRows(g, manager.create(new long[] {0, 1, 2}), g, 1));
        assertRefused(
                "sketch: rows [n, C] need signs [C] and a shift for each block of 4;"
                        + " got [(3, 8), (8), (1)]",
                () ->
                        GradientOps.sketch(
                                g,
                                manager.ones(new Shape(8)),
                                manager.create(new long[] {1}),
                                4,
                                0));
    }

    private static void assertRefused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
