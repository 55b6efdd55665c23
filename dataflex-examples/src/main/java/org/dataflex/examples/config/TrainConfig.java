package org.dataflex.examples.config;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dataflex.strategy.Settings;

/**
 * All that a configuration file says of a run.
 *
 * @param model the model
 * @param data the data
 * @param optimizer batches and learning rate
 * @param steps how long, and when a strategy is asked
 * @param strategies the strategies
 * @param mixture the initial proportions
 * @param output what the run leaves
 * @param warnings what the file sets without effect, or with another than elsewhere, a line each
 */
public record TrainConfig(
        ModelKeys model,
        DataKeys data,
        OptimizerKeys optimizer,
        Steps steps,
        StrategyKeys strategies,
        MixtureKeys mixture,
        OutputKeys output,
        List<String> warnings) {

    /**
     * Reads a file.
     *
     * @param file the file
     * @return what it says
     * @throws IOException if a key is unknown, contradicts another, or has a value that cannot
     *     work; names the file and the key
     */
    public static TrainConfig read(ConfigFile file) throws IOException {
        try {
            List<String> warnings = new ArrayList<>();
            Map<String, String> values = new LinkedHashMap<>(file.values());
            UnsupportedKeys.takeFrom(values, warnings);
            Settings keys = new Settings(file.name(), values);
            Steps steps = Steps.read(keys);
            TrainConfig config =
                    new TrainConfig(
                            ModelKeys.read(keys),
                            DataKeys.read(keys),
                            OptimizerKeys.read(keys, warnings),
                            steps,
                            StrategyKeys.read(file, keys, steps, warnings),
                            MixtureKeys.read(keys),
                            OutputKeys.read(keys),
                            List.copyOf(warnings));
            keys.requireAllRead();
            return config;
        } catch (IllegalArgumentException e) {
            String message = e.getMessage();
            throw new IOException(
                    message.startsWith(file.name()) ? message : file.name() + ": " + message, e);
        }
    }

    /**
     * Returns the optimizer updates of the run.
     *
     * @param samples of the pool
     * @return at least 1
     */
    public long totalSteps(long samples) {
        int rows = optimizer.rowsPerStep();
        if (mixture.isStatic()) {
            return steps.ofFullPasses(samples, rows);
        }
        return switch (strategies.trainType()) {
            case DYNAMIC_SELECT -> steps.ofSelection(samples, rows);
            case DYNAMIC_MIX -> steps.ofMixing(samples, rows);
            case STATIC, DYNAMIC_WEIGHT -> steps.ofPasses(samples, rows);
        };
    }
}
