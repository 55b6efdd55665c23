package org.dataflex.torch;

import static org.dataflex.torch.Agreement.assertClose;
import static org.dataflex.torch.Agreement.normal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import org.dataflex.testing.NoLeaks;
import org.dataflex.torch.OptimizerOps.AdamWStep;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class OptimizerOpsTest {

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void adamW_overSteps_isThePapersUpdate() {
        NDList parameters = new NDList(normal(manager, 1, 3, 4), normal(manager, 2, 5));
        NDList means = zerosLike(parameters);
        NDList variances = zerosLike(parameters);
        double[][] p = {doubles(parameters.get(0)), doubles(parameters.get(1))};
        double[][][] moments = {{new double[12], new double[5]}, {new double[12], new double[5]}};
        for (int step = 1; step <= 5; step++) {
            var settings = new AdamWStep(step, 1e-2 / step, 0.9, 0.95, 0.1, 1e-8);
            NDList gradients =
                    new NDList(normal(manager, 10 + step, 3, 4), normal(manager, 20 + step, 5));
            OptimizerOps.adamW(parameters, gradients, means, variances, settings);
            for (int i = 0; i < 2; i++) {
                reference(p[i], doubles(gradients.get(i)), moments[0][i], moments[1][i], settings);
            }
        }
        for (int i = 0; i < 2; i++) {
            assertClose("p", floats(p[i]), parameters.get(i).flatten(), Agreement.FLOAT32);
            assertClose("m", floats(moments[0][i]), means.get(i).flatten(), Agreement.FLOAT32);
            assertClose("v", floats(moments[1][i]), variances.get(i).flatten(), Agreement.FLOAT32);
        }
    }

    @Test
    void adamW_takesGradientsOfAnyStridesButNoSuchParameters() {
        var step = new AdamWStep(1, 1e-2, 0.9, 0.95, 0, 1e-8);
        NDArray gradient = normal(manager, 2, 4, 3).transpose();
        NDList viewed = new NDList(normal(manager, 1, 3, 4));
        NDList copied = new NDList(normal(manager, 1, 3, 4));
        OptimizerOps.adamW(
                viewed, new NDList(gradient), zerosLike(viewed), zerosLike(viewed), step);
        NDArray copy = manager.create(gradient.toFloatArray(), new Shape(3, 4));
        OptimizerOps.adamW(copied, new NDList(copy), zerosLike(copied), zerosLike(copied), step);
        assertArrayEquals(copied.head().toFloatArray(), viewed.head().toFloatArray());

        NDList transposed = new NDList(gradient);
        NDList zeros = zerosLike(transposed);
        var e =
                assertThrows(
                        EngineException.class,
                        () -> OptimizerOps.adamW(transposed, transposed, zeros, zeros, step));
        assertTrue(e.getMessage().contains("a parameter is not contiguous"), e.getMessage());
    }

    @Test
    void adamW_ofTrainedParametersInACollector_recordsNothing() {
        NDArray parameter = normal(manager, 1, 4);
        parameter.setRequiresGradient(true);
        NDList parameters = new NDList(parameter);
        NDList moments = new NDList(manager.zeros(new Shape(4)));
        NDList variances = new NDList(manager.zeros(new Shape(4)));
        var step = new AdamWStep(1, 1e-2, 0.9, 0.95, 0, 1e-8);
        float before = parameter.getFloat(0);
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            OptimizerOps.adamW(
                    parameters, new NDList(normal(manager, 2, 4)), moments, variances, step);
            collector.backward(parameter.sum());
        }
        assertEquals(4f, parameter.getGradient().sum().getFloat());
        assertEquals(1e-2, Math.abs(before - parameter.getFloat(0)), 1e-6); // the first step's size
    }

    @Test
    void adamW_ofListsThatDoNotFit_saysWhichOne() {
        NDList parameters = new NDList(normal(manager, 1, 4));
        NDList others = new NDList(normal(manager, 1, 5));
        var step = new AdamWStep(1, 1e-2, 0.9, 0.95, 0, 1e-8);
        assertEquals(
                "adamW: means[0] must have its parameter's shape; got [(4), (5)]",
                assertThrows(
                                IllegalArgumentException.class,
                                () ->
                                        OptimizerOps.adamW(
                                                parameters, parameters, others, others, step))
                        .getMessage());
        assertEquals(
                "1 parameters, but 0 gradients",
                assertThrows(
                                IllegalArgumentException.class,
                                () ->
                                        OptimizerOps.adamW(
                                                parameters, new NDList(), others, others, step))
                        .getMessage());
    }

    @Test
    void globalNorm_isTheRootOfAllSquares() {
        NDList arrays = new NDList(normal(manager, 1, 3, 4), normal(manager, 2, 5));
        double squares = 0;
        for (NDArray array : arrays) {
            for (double number : doubles(array)) {
                squares += number * number;
            }
        }
        NDArray norm = OptimizerOps.globalNorm(manager, arrays);
        assertTrue(norm.getShape().isScalar());
        assertEquals(Math.sqrt(squares), norm.getFloat(), 1e-5); // float32, norm near 4
        assertThrows(
                IllegalArgumentException.class,
                () -> OptimizerOps.globalNorm(manager, new NDList()),
                "global_norm: no arrays");
    }

    @Test
    void clipGlobalNorm_scalesWhatIsTooLongAndNothingElse() {
        NDList arrays = new NDList(normal(manager, 1, 3, 4), normal(manager, 2, 5));
        float norm = OptimizerOps.globalNorm(manager, arrays).getFloat();
        float[] before = arrays.get(1).toFloatArray();

        assertEquals(norm, OptimizerOps.clipGlobalNorm(manager, arrays, 100).getFloat());
        assertArrayEquals(before, arrays.get(1).toFloatArray());

        assertEquals(norm, OptimizerOps.clipGlobalNorm(manager, arrays, 0.5).getFloat());
        assertEquals(0.5, OptimizerOps.globalNorm(manager, arrays).getFloat(), 1e-6); // float32
        assertEquals(before[0] * 0.5 / norm, arrays.get(1).getFloat(0), 1e-6);
        assertThrows(
                IllegalArgumentException.class,
                () -> OptimizerOps.clipGlobalNorm(manager, arrays, Double.NaN));
    }

    @Test
    void clipGlobalNorm_givesItsResultToTheGivenManager() {
        NDList arrays = new NDList(normal(manager, 1, 4));
        manager.cap();
        try (NDManager scope = manager.newSubManager()) {
            NDArray norm = OptimizerOps.clipGlobalNorm(scope, arrays, 1);
            assertEquals(scope, norm.getManager());
        }
    }

    private static void reference(double[] p, double[] g, double[] m, double[] v, AdamWStep step) {
        double c1 = 1 - Math.pow(step.beta1(), step.number());
        double c2 = 1 - Math.pow(step.beta2(), step.number());
        for (int i = 0; i < p.length; i++) {
            m[i] = step.beta1() * m[i] + (1 - step.beta1()) * g[i];
            v[i] = step.beta2() * v[i] + (1 - step.beta2()) * g[i] * g[i];
            double quotient = (m[i] / c1) / (Math.sqrt(v[i] / c2) + step.epsilon());
            p[i] -= step.learningRate() * (step.weightDecay() * p[i] + quotient);
        }
    }

    private NDList zerosLike(NDList arrays) {
        NDList zeros = new NDList();
        arrays.forEach(array -> zeros.add(manager.zeros(array.getShape())));
        return zeros;
    }

    private NDArray floats(double[] numbers) {
        float[] floats = new float[numbers.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) numbers[i];
        }
        return manager.create(floats);
    }

    private static double[] doubles(NDArray array) {
        float[] numbers = array.toFloatArray();
        double[] doubles = new double[numbers.length];
        for (int i = 0; i < doubles.length; i++) {
            doubles[i] = numbers[i];
        }
        return doubles;
    }
}
