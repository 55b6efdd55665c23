package org.dataflex.examples.bench;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.dataflex.DynamicTrainer;
import org.dataflex.data.CandidatePool;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.optim.AdamW;
import org.dataflex.torch.Precision;
import org.dataflex.torch.TorchOps;

/**
 * How long a full training step of the {@link ReferenceDecoder} takes, optimizer included, in
 * float32 and with bfloat16 products, what share that is of the speed of one large matrix product,
 * and how it compares with a step of the same sizes that something else made on this machine.
 */
public final class TrainingStep {

    private static final int STEPS = 25;
    private static final int WARM_UP_STEPS = 10;
    private static final int ROUNDS = 3;
    private static final int MATRIX_SIZE = 2048;

    private TrainingStep() {}

    /**
     * Prints one line a precision.
     *
     * @param arguments none, or the milliseconds of somebody else's step in float32 and bfloat16
     * @throws Exception if training fails
     */
    public static void main(String[] arguments) throws Exception {
        double[] others = Arrays.stream(arguments).mapToDouble(Double::parseDouble).toArray();
        List<List<Double>> millis = List.of(new ArrayList<>(), new ArrayList<>());
        List<List<Double>> peaks = List.of(new ArrayList<>(), new ArrayList<>());
        for (int round = 0; round < ROUNDS; round++) {
            for (Precision precision : Precision.values()) {
                multiply(precision, peaks.get(precision.ordinal()));
                train(precision, millis.get(precision.ordinal()));
            }
        }
        double float32 = ReferenceDecoder.median(millis.get(0));
        for (Precision precision : Precision.values()) {
            double step = ReferenceDecoder.median(millis.get(precision.ordinal()));
            double speed = ReferenceDecoder.operationsPerStep() / step / 1e6;
            double peak = ReferenceDecoder.median(peaks.get(precision.ordinal()));
            System.out.printf(
                    Locale.ROOT,
                    "%-9s %7.1f ms a step, x %.2f of float32, %.0f GFLOP/s = %.2f of a matrix"
                            + " product's %.0f%s%n",
                    precision,
                    step,
                    step / float32,
                    speed,
                    speed / peak,
                    peak,
                    precision.ordinal() < others.length
                            ? compared(others[precision.ordinal()], step)
                            : "");
        }
    }

    private static String compared(double other, double step) {
        return String.format(
                Locale.ROOT, ", %.2f times as fast as the other's %.1f ms", other / step, other);
    }

    /** Notes the speed of the engine's own products of large matrices, in GFLOP/s. */
    private static void multiply(Precision precision, List<Double> speeds) {
        try (NDManager manager = NDManager.newBaseManager()) {
            Shape shape = new Shape(MATRIX_SIZE, MATRIX_SIZE);
            NDArray x = manager.randomNormal(0, 1, shape, DataType.FLOAT32);
            for (int i = 0; i < STEPS; i++) {
                long begin = System.nanoTime();
                product(x, precision).close();
                double nanos = System.nanoTime() - begin;
                if (i >= WARM_UP_STEPS) {
                    speeds.add(2 * Math.pow(MATRIX_SIZE, 3) / nanos);
                }
            }
        }
    }

    private static NDArray product(NDArray x, Precision precision) {
        return precision == Precision.FLOAT32
                ? x.matMul(x)
                : TorchOps.linear(x, x, null, precision);
    }

    private static void train(Precision precision, List<Double> millis) throws Exception {
        try (Model model = Model.newInstance("decoder")) {
            model.setBlock(ReferenceDecoder.make(precision));
            int rows = ReferenceDecoder.BATCH_SIZE * STEPS;
            try (DynamicTrainer trainer =
                    DynamicTrainer.builder()
                            .setModel(model)
                            .setTrainingConfig(
                                    new DefaultTrainingConfig(new CausalLmLoss())
                                            .optOptimizer(AdamW.builder().build()))
                            .setPool(
                                    CandidatePool.of(
                                            ReferenceDecoder.tokens(
                                                    rows,
                                                    ReferenceDecoder.LENGTH,
                                                    ReferenceDecoder.LENGTH)))
                            .setSteps(STEPS)
                            .setBatchSize(ReferenceDecoder.BATCH_SIZE)
                            .on(
                                    StepCompleted.class,
                                    e -> {
                                        if (e.step() > WARM_UP_STEPS) {
                                            millis.add(e.elapsed().toNanos() / 1e6);
                                        }
                                    })
                            .build()) {
                trainer.fit();
            }
        }
    }
}
