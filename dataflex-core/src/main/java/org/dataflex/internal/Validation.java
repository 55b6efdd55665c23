package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
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

/** Measures the mean loss of each validation set, in inference mode. */
final class Validation {

    private final RunSettings settings;
    private final Trainer trainer;

    Validation(RunSettings settings, Trainer trainer) {
        this.settings = settings;
        this.trainer = trainer;
    }

    /** Returns the mean loss over each set's samples. */
    Map<String, Double> measure() throws IOException, TranslateException {
        Map<String, Double> losses = new LinkedHashMap<>();
        for (Map.Entry<String, SampleSet> entry : settings.validationSets.entrySet()) {
            losses.put(entry.getKey(), meanLoss(entry.getValue()));
        }
        return losses;
    }

    private double meanLoss(SampleSet set) throws IOException, TranslateException {
        double sum = 0;
        try (NDManager scope = trainer.getManager().newSubManager()) {
            for (SampleIndices rows :
                    SampleIndices.range(0, set.size()).chunks(settings.batchSize)) {
                try (Batch batch = set.batch(scope, rows)) {
                    sum += lossSum(batch);
                }
            }
        }
        return sum / set.size();
    }

    private double lossSum(Batch batch) {
        NDList predictions = trainer.evaluate(batch.getData());
        PerSampleLoss perSample = settings.perSampleLoss();
        double sum = 0;
        if (perSample == null) {
            NDArray mean = trainer.getLoss().evaluate(batch.getLabels(), predictions);
            sum = (double) mean.getFloat() * batch.getSize();
        } else {
            for (float loss : BatchLosses.of(perSample, batch, predictions).toFloatArray()) {
                sum += loss;
            }
        }
        BatchData data = StepRunner.batchData(batch, predictions);
        trainer.notifyListeners(listener -> listener.onValidationBatch(trainer, data));
        return sum;
    }
}
