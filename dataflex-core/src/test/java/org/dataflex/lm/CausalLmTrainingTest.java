package org.dataflex.lm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.SplittableRandom;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class CausalLmTrainingTest {

    private static final long[][] TEXTS = {{3, 1, 4, 1, 5, 9}, {2, 7, 1, 8, 2, 8}};

    /**
     * In float64, where a step of 1e-5 leaves an error of 1e-10 (its square, and the rounding of
     * the loss divided by it): a thousand times less than any mistake, which float32 cannot offer.
     */
    @Test
    void backward_everyParameter_isTheFiniteDifference() {
        double h = 1e-5;
        for (boolean tied : new boolean[] {false, true}) {
            try (NDManager manager = NDManager.newBaseManager()) {
                DecoderConfig config = TinyLm.config().optTieWordEmbeddings(tied).build();
                CausalLm model = TinyLm.model(manager, config, DataType.FLOAT64);
                NDArray ids = TinyLm.ids(manager, TEXTS);
                TinyLm.backward(model, manager, ids);
                SplittableRandom random = new SplittableRandom(5);
                for (Parameter parameter : model.getParameters().values()) {
                    NDArray array = parameter.getArray();
                    double[] gradient = array.getGradient().toDoubleArray();
                    for (int trial = 0; trial < 4; trial++) {
                        int i = random.nextInt(gradient.length);
                        double[] step = new double[gradient.length];
                        step[i] = h;
                        NDArray delta = manager.create(step, array.getShape());
                        array.addi(delta);
                        double above = loss(model, manager, ids);
                        array.subi(delta.mul(2));
                        double below = loss(model, manager, ids);
                        array.addi(delta);
                        assertEquals(
                                (above - below) / (2 * h),
                                gradient[i],
                                1e-7,
                                parameter.getName() + " at " + i);
                    }
                }
            }
        }
    }

    private static double loss(CausalLm model, NDManager manager, NDArray ids) {
        NDArray logits = TinyLm.logits(model, manager, new NDList(ids));
        assertEquals(DataType.FLOAT64, logits.getDataType());
        return TinyLm.loss(logits, ids, ids.onesLike()).getDouble();
    }

    /** DJL frees a Java number at once, though autograd may read it in the backward pass. */
    @Test
    void backward_javaCollectsItsGarbageBeforeIt_isTheSame() throws InterruptedException {
        try (NDManager manager = NDManager.newBaseManager()) {
            CausalLm model = TinyLm.model(manager);
            NDArray ids = TinyLm.ids(manager, TEXTS);
            try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
                ParameterStore store = new ParameterStore(manager, false);
                NDArray logits = model.forward(store, new NDList(ids), true).singletonOrThrow();
                TinyLm.overwriteFreedJavaMemory();
                collector.backward(TinyLm.loss(logits, ids, manager.ones(ids.getShape())));
            }
            CausalLm same = TinyLm.model(manager);
            TinyLm.backward(same, manager, ids);
            for (Parameter parameter : model.getParameters().values()) {
                assertEquals(
                        TinyLm.value(same, parameter.getName()).getGradient(),
                        parameter.getArray().getGradient(),
                        parameter.getName());
            }
        }
    }

    @Test
    void trainer_twoTexts_learnsThemByHeart() {
        Loss loss =
                new Loss("next token") {
                    @Override
                    public NDArray evaluate(NDList labels, NDList predictions) {
                        NDArray ids = labels.get(0);
                        return TinyLm.loss(predictions.get(0), ids, ids.onesLike());
                    }
                };
        DefaultTrainingConfig training =
                new DefaultTrainingConfig(loss)
                        .optDevices(new Device[] {Device.cpu()})
                        .optOptimizer(
                                Optimizer.adam()
                                        .optLearningRateTracker(Tracker.fixed(0.02f))
                                        .build());
        try (Model model = Model.newInstance("lm", Device.cpu())) {
            model.setBlock(new CausalLm(TinyLm.config().build(), 1));
            try (Trainer trainer = model.newTrainer(training)) {
                trainer.initialize(new Shape(2, 6));
                float first = step(trainer, loss);
                assertEquals(Math.log(TinyLm.VOCABULARY_SIZE), first, 0.05); // nothing known yet
                for (int i = 0; i < 60; i++) {
                    step(trainer, loss);
                }
                float last = step(trainer, loss);
                // the first tokens tell which text it is: nothing remains to be guessed
                assertTrue(last < 0.05, "loss " + last);
            }
        }
    }

    private static float step(Trainer trainer, Loss loss) {
        try (NDManager batch = trainer.getManager().newSubManager()) {
            NDList ids = new NDList(TinyLm.ids(batch, TEXTS));
            float value;
            try (GradientCollector collector = trainer.newGradientCollector()) {
                NDArray mean = loss.evaluate(ids, trainer.forward(ids));
                collector.backward(mean);
                value = mean.getFloat();
            }
            trainer.step();
            return value;
        }
    }
}
