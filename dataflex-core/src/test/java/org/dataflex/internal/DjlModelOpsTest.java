package org.dataflex.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Linear;
import java.util.Map;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.Samples;
import org.dataflex.loss.ClassificationLoss;
import org.dataflex.math.Seeds;
import org.dataflex.model.GradientQuery;
import org.dataflex.model.Pooling;
import org.dataflex.model.Projection;
import org.dataflex.model.UnsupportedModelException;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.PointSamples;
import org.dataflex.testing.TinyRuns;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class DjlModelOpsTest {

    private static final int PARAMETERS = 2 * 8 + 8 + 8 * 3 + 3;

    private final PointSamples points = new PointSamples(20, 4);
    private Model model;
    private NDManager scope;
    private DjlModelOps ops;

    @BeforeEach
    void setUp() {
        model = TinyRuns.model(0.5f); // dropout must not act on any question
        model.getNDManager().getEngine().setRandomSeed(3);
        model.getBlock().initialize(model.getNDManager(), model.getDataType(), new Shape(1, 2));
        scope = model.getNDManager().newSubManager();
        ops = new DjlModelOps(model, new ClassificationLoss(), scope, 8);
    }

    @AfterEach
    void tearDown() {
        scope.close();
        model.close();
    }

    @Test
    void infer_joinsBatchesInOrder() {
        NDArray all = ops.infer(Samples.all(points)).singletonOrThrow();
        assertEquals(new Shape(20, 3), all.getShape());
        for (int i : new int[] {0, 7, 8, 19}) {
            NDArray one = ops.infer(samples(i)).singletonOrThrow();
            assertArrayEquals(one.toFloatArray(), all.get(i).toFloatArray(), 1e-6f);
        }
    }

    @Test
    void losses_equalCrossEntropyOfTheOutputs() {
        float[] losses = ops.losses(Samples.all(points));
        for (int i = 0; i < losses.length; i++) {
            float[] z = ops.infer(samples(i)).singletonOrThrow().toFloatArray();
            double sum = 0;
            for (float value : z) {
                sum += Math.exp(value);
            }
            assertEquals(Math.log(sum) - z[points.label(i)], losses[i], 1e-5);
        }
    }

    @Test
    void gradients_equalFiniteDifferences() {
        float[] gradient = ops.gradients(samples(3), GradientQuery.full()).toFloatArray();
        assertEquals(PARAMETERS, gradient.length);
        int at = 0;
        for (Parameter parameter : model.getBlock().getParameters().values()) {
            NDArray array = parameter.getArray();
            for (int j = 0; j < array.size(); j++) {
                assertEquals(finiteDifference(array, j), gradient[at++], 1e-3); // eps^2 and float32
            }
        }
    }

    private double finiteDifference(NDArray array, int j) {
        float eps = 1e-2f;
        float[] values = array.toFloatArray();
        double[] loss = new double[2];
        for (int side = 0; side < 2; side++) {
            float[] moved = values.clone();
            moved[j] += side == 0 ? eps : -eps;
            array.set(moved);
            loss[side] = ops.losses(samples(3))[0];
        }
        array.set(values);
        return (loss[0] - loss[1]) / (2 * eps);
    }

    @Test
    void gradients_oneRowASample_inOrder() {
        NDArray rows = ops.gradients(samples(5, 2, 5), GradientQuery.full());
        assertEquals(new Shape(3, PARAMETERS), rows.getShape());
        float[] two = ops.gradients(samples(2), GradientQuery.full()).toFloatArray();
        assertArrayEquals(two, rows.get(1).toFloatArray());
        assertArrayEquals(rows.get(0).toFloatArray(), rows.get(2).toFloatArray());
    }

    @Test
    void gradients_ofSomeParameters_areAPartOfTheRow() {
        String first = model.getBlock().getParameters().keyAt(0);
        GradientQuery query = new GradientQuery(first::equals, new Projection.Identity());
        NDArray part = ops.gradients(samples(1, 2), query);
        NDArray whole = ops.gradients(samples(1, 2), GradientQuery.full());
        assertEquals(new Shape(2, 16), part.getShape());
        assertArrayEquals(whole.get(new NDIndex(":, :16")).toFloatArray(), part.toFloatArray());
    }

    @Test
    void gradients_projected_equalTheProductWithTheSignMatrix() {
        Projection.Rademacher projection = new Projection.Rademacher(70, 9);
        float[] whole = ops.gradients(samples(4), GradientQuery.full()).toFloatArray();
        double[] expected = new double[70];
        for (int j = 0; j < whole.length; j++) {
            for (int c = 0; c < 70; c++) {
                long bit = Seeds.mix(9, j, c / 64) >>> c & 1;
                expected[c] += (bit == 0 ? 1 : -1) * whole[j] / Math.sqrt(70);
            }
        }
        NDArray projected = ops.gradients(samples(4), GradientQuery.projected(projection));
        assertEquals(new Shape(1, 70), projected.getShape());
        for (int c = 0; c < 70; c++) {
            assertEquals(expected[c], projected.getFloat(0, c), 1e-5);
        }
    }

    @Test
    void gradients_projectedInGroups_equalOneByOne() {
        GradientQuery query = GradientQuery.projected(new Projection.Rademacher(16, 1));
        NDArray all = ops.gradients(Samples.all(points), query); // 20 rows, 16 held at a time
        assertEquals(new Shape(20, 16), all.getShape());
        for (int i : new int[] {0, 15, 16, 19}) {
            assertArrayEquals(
                    ops.gradients(samples(i), query).toFloatArray(),
                    all.get(i).toFloatArray(),
                    1e-5f);
        }
    }

    @Test
    void everyQuestion_leavesParametersAndGradientsAsBefore() {
        Map<String, float[]> before = TinyRuns.parameters(model);
        ops.infer(Samples.all(points));
        ops.losses(Samples.all(points));
        ops.gradients(samples(0, 1, 2), GradientQuery.full());
        ops.gradients(samples(0), GradientQuery.projected(new Projection.Rademacher(4, 1)));
        TinyRuns.parameters(model)
                .forEach((name, values) -> assertArrayEquals(before.get(name), values));
        for (Parameter parameter : model.getBlock().getParameters().values()) {
            try (NDArray gradient = parameter.getArray().getGradient()) {
                for (float value : gradient.toFloatArray()) {
                    assertEquals(0f, value);
                }
            }
        }
    }

    @Test
    void gradients_ofNaN_leaveZeroGradients() {
        NDArray weight = model.getBlock().getParameters().valueAt(0).getArray();
        float[] good = weight.toFloatArray();
        float[] bad = good.clone();
        bad[0] = Float.NaN;
        weight.set(bad);
        float[] broken = ops.gradients(samples(0), GradientQuery.full()).toFloatArray();
        assertTrue(Float.isNaN(broken[0]));
        weight.set(good);
        for (float value : ops.gradients(samples(0), GradientQuery.full()).toFloatArray()) {
            assertTrue(Float.isFinite(value));
        }
    }

    @Test
    void gradients_ofFrozenParameters_areLeftOut() {
        model.getBlock().getParameters().valueAt(0).freeze(true);
        NDArray row = ops.gradients(samples(0), GradientQuery.full());
        assertEquals(new Shape(1, PARAMETERS - 16), row.getShape());
    }

    @Test
    void gradients_ofNoParameter_sayWhichThereAre() {
        GradientQuery none = new GradientQuery(name -> false, new Projection.Identity());
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> ops.gradients(samples(0), none));
        assertTrue(e.getMessage().contains("takes none of the trainable parameters"));
        assertTrue(e.getMessage().contains(model.getBlock().getParameters().keyAt(0)));
    }

    @Test
    void embed_withoutHiddenStates_saysWhatIsMissing() {
        try (Model plain = Model.newInstance("plain")) {
            plain.setBlock(Linear.builder().setUnits(3).build());
            DjlModelOps without = new DjlModelOps(plain, new ClassificationLoss(), scope, 8);
            UnsupportedModelException e =
                    assertThrows(
                            UnsupportedModelException.class,
                            () -> without.embed(samples(0), Pooling.MEAN));
            assertEquals(
                    "Linear exposes no hidden states to embed samples by; implement"
                            + " org.dataflex.model.HiddenStates",
                    e.getMessage());
        }
    }

    private Samples samples(long... indices) {
        return new Samples(points, SampleIndices.of(indices));
    }
}
