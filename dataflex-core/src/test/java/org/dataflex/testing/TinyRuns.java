package org.dataflex.testing;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Activation;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.Dropout;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.util.Pair;
import java.util.LinkedHashMap;
import java.util.Map;
import org.dataflex.DynamicTrainer;
import org.dataflex.data.CandidatePool;
import org.dataflex.loss.ClassificationLoss;

/** Models, pools and trainers small enough for a test to run many of them. */
public final class TinyRuns {

    private TinyRuns() {}

    /**
     * Makes a classifier of {@link PointSamples}: two layers, 35 parameters, not initialized.
     *
     * @return the model; the caller closes it
     */
    public static Model model() {
        return model(0);
    }

    /**
     * Makes a classifier with dropout before its last layer.
     *
     * @param dropout the share of values dropped while training
     * @return the model; the caller closes it
     */
    public static Model model(float dropout) {
        return model(new SequentialBlock(), dropout);
    }

    /**
     * Makes the same classifier, whose hidden units are shown and count as experts.
     *
     * @param dropout the share of values dropped while training
     * @return the model; the caller closes it
     */
    public static Model routedModel(float dropout) {
        return model(new RoutedClassifier(), dropout);
    }

    private static Model model(SequentialBlock empty, float dropout) {
        Model model = Model.newInstance("tiny");
        model.setDataType(DataType.FLOAT32);
        model.setBlock(
                empty.add(Linear.builder().setUnits(8).build())
                        .add(Activation.tanhBlock())
                        .add(Dropout.builder().optRate(dropout).build())
                        .add(Linear.builder().setUnits(PointSamples.CLASSES).build()));
        return model;
    }

    /**
     * Makes a training configuration that caps the trainer's manager.
     *
     * @return with {@link ClassificationLoss} and Adam at a learning rate of 0.01
     */
    public static DefaultTrainingConfig config() {
        return config(Optimizer.adam().optLearningRateTracker(Tracker.fixed(0.01f)).build());
    }

    /**
     * Makes a training configuration that caps the trainer's manager.
     *
     * @param optimizer the optimizer
     * @return with {@link ClassificationLoss}
     */
    public static DefaultTrainingConfig config(Optimizer optimizer) {
        return new DefaultTrainingConfig(new ClassificationLoss())
                .optOptimizer(optimizer)
                .addTrainingListeners(NoLeaks.cap());
    }

    /**
     * Makes a pool of three domains, {@code a} with 40, {@code b} with 30 and {@code c} with 10
     * points.
     *
     * @return the pool
     */
    public static CandidatePool pool() {
        return CandidatePool.builder()
                .addDomain("a", new PointSamples(40, 1))
                .addDomain("b", new PointSamples(30, 2))
                .addDomain("c", new PointSamples(10, 3))
                .build();
    }

    /**
     * Starts a trainer of the model over {@link #pool}, 20 steps of 8 rows.
     *
     * @param model the model
     * @return a builder to go on with
     */
    public static DynamicTrainer.Builder trainer(Model model) {
        return DynamicTrainer.builder()
                .setModel(model)
                .setTrainingConfig(config())
                .setPool(pool())
                .setSteps(20)
                .setBatchSize(8);
    }

    /**
     * Reads a model's parameters.
     *
     * @param model an initialized model
     * @return the values by name
     */
    public static Map<String, float[]> parameters(Model model) {
        Map<String, float[]> values = new LinkedHashMap<>();
        for (Pair<String, Parameter> parameter : model.getBlock().getParameters()) {
            values.put(parameter.getKey(), parameter.getValue().getArray().toFloatArray());
        }
        return values;
    }
}
