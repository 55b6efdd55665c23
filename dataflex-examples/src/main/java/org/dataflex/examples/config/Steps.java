package org.dataflex.examples.config;

import org.dataflex.strategy.Settings;

/**
 * How long a run is and when its strategy is asked, by DataFlex's keys.
 *
 * @param trainSteps optimizer updates in all; 0: by epochs ({@code train_step}, 0; {@code
 *     max_steps} where there is no strategy)
 * @param epochs passes over the data ({@code num_train_epochs}, 3)
 * @param warmUp steps before the first update ({@code warmup_step}, 0)
 * @param interval steps between updates ({@code update_step}, 0: not set)
 * @param updates the most updates; 0 or less: no limit ({@code update_times}, 1)
 */
public record Steps(long trainSteps, double epochs, long warmUp, long interval, long updates) {

    /**
     * Reads the keys.
     *
     * @param keys the file's
     * @return their values
     * @throws IllegalArgumentException if one is out of range, or {@code train_step} and {@code
     *     max_steps} differ
     */
    public static Steps read(Settings keys) {
        NumberKeys numbers = new NumberKeys(keys);
        long trainStep = numbers.atLeast(0, "train_step", 0);
        long maxSteps = Math.max(0, keys.integer("max_steps", 0)); // transformers' -1: by epochs
        if (trainStep > 0 && maxSteps > 0 && trainStep != maxSteps) {
            throw new IllegalArgumentException(
                    "train_step = " + trainStep + " and max_steps = " + maxSteps + "; set one");
        }
        return new Steps(
                Math.max(trainStep, maxSteps),
                numbers.positive("num_train_epochs", 3),
                numbers.atLeast(0, "warmup_step", 0),
                numbers.atLeast(0, "update_step", 0),
                keys.integer("update_times", 1));
    }

    /**
     * Returns the steps of a run that selects.
     *
     * <p>An epoch is warm-up and updates, as in DataFlex: {@code warmup_step + update_step *
     * update_times} steps; without a limit of updates, a pass over the pool.
     *
     * @param samples of the pool
     * @param rowsPerStep of an update
     * @return at least 1
     */
    public long ofSelection(long samples, int rowsPerStep) {
        long epoch = updates > 0 ? warmUp + interval * updates : passOver(samples, rowsPerStep);
        return trainSteps > 0 ? trainSteps : (long) Math.ceil(epochs * epoch);
    }

    /**
     * Returns the steps of a run that mixes.
     *
     * <p>With a limit of updates the run ends with the last interval. DataFlex then ignores {@code
     * train_step}; here it counts.
     *
     * @param samples of the pool
     * @param rowsPerStep of an update
     * @return at least 1
     */
    public long ofMixing(long samples, int rowsPerStep) {
        if (trainSteps > 0) {
            return trainSteps;
        }
        return updates >= 0 && interval > 0
                ? warmUp + interval * updates
                : ofFullPasses(samples, rowsPerStep);
    }

    /**
     * Returns the steps of a run without updates, by full batches of each pass.
     *
     * @param samples of the pool
     * @param rowsPerStep of an update
     * @return at least 1
     */
    public long ofFullPasses(long samples, int rowsPerStep) {
        if (trainSteps > 0) {
            return trainSteps;
        }
        return Math.max(1, (long) (epochs * Math.max(1, samples / rowsPerStep)));
    }

    /**
     * Returns the steps of a plain run, by passes whose last batch may be short.
     *
     * @param samples of the pool
     * @param rowsPerStep of an update
     * @return at least 1
     */
    public long ofPasses(long samples, int rowsPerStep) {
        return trainSteps > 0
                ? trainSteps
                : (long) Math.ceil(epochs * passOver(samples, rowsPerStep));
    }

    private static long passOver(long samples, int rowsPerStep) {
        return (samples + rowsPerStep - 1) / rowsPerStep;
    }
}
