package org.dataflex.internal;

import ai.djl.TrainingDivergedException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListener.BatchData;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.SampleSet;
import org.dataflex.loss.PerSampleLoss;
import org.dataflex.torch.GraphRecording;

/** Measures the mean loss of each validation set, in inference mode. */
final class Validation {

    private final RunSettings settings;
    private final Trainer trainer;
    private final ParameterStore parameters;

    Validation(RunSettings settings, Trainer trainer) {
        this.settings = settings;
        this.trainer = trainer;
        this.parameters = new ParameterStore(trainer.getManager(), false);
    }

    /**
     * Returns the mean loss over each set's samples.
     *
     * @param step updates made
     * @throws TrainingDivergedException if one is not finite; names the set
     */
    Map<String, Double> measure(long step) throws IOException, TranslateException {
        Map<String, Double> losses = new LinkedHashMap<>();
        for (Map.Entry<String, SampleSet> entry : settings.validationSets.entrySet()) {
            double loss = meanLoss(entry.getValue());
            if (!Double.isFinite(loss)) {
                throw new TrainingDivergedException(
                        "the loss of validation set '%s' after %d steps is %s"
                                .formatted(entry.getKey(), step, loss));
            }
            losses.put(entry.getKey(), loss);
        }
        return losses;
    }

    private double meanLoss(SampleSet set) throws IOException, TranslateException {
        double sum = 0;
        try (NDManager scope = trainer.getManager().newSubManager()) {
            for (SampleIndices rows : settings.batches(set, SampleIndices.range(0, set.size()))) {
                try (Batch batch = set.batch(scope, rows)) {
                    sum += lossSum(batch);
                }
            }
        }
        return sum / set.size();
    }

    private double lossSum(Batch batch) {
        PerSampleLoss loss = settings.perSampleLoss();
        if (loss != null && settings.config.getTrainingListeners().isEmpty()) {
            Block block = trainer.getModel().getBlock();
            return sum(BatchLosses.inferred(block, parameters, loss, batch));
        }
        NDList predictions = GraphRecording.without(() -> trainer.evaluate(batch.getData()));
        double sum = GraphRecording.without(() -> lossSum(batch, predictions));
        BatchData data = StepRunner.batchData(batch, predictions);
        trainer.notifyListeners(listener -> listener.onValidationBatch(trainer, data));
        return sum;
    }

    private double lossSum(Batch batch, NDList predictions) {
        PerSampleLoss perSample = settings.perSampleLoss();
        if (perSample == null) {
            NDArray mean = trainer.getLoss().evaluate(batch.getLabels(), predictions);
            return (double) mean.getFloat() * batch.getSize();
        }
        return sum(BatchLosses.of(perSample, batch, predictions));
    }

    private static double sum(NDArray losses) {
        double sum = 0;
        for (float loss : losses.toFloatArray()) {
            sum += loss;
        }
        return sum;
    }
}
