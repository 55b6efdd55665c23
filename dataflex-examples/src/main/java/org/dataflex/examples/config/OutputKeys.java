package org.dataflex.examples.config;

import java.nio.file.Path;
import org.dataflex.strategy.Settings;

/**
 * The keys of what a run leaves.
 *
 * @param directory where the run, the model and the report go ({@code output_dir})
 * @param saveSteps steps between two checkpoints ({@code save_steps}, 500)
 * @param checkpointsKept how many of the newest are kept ({@code save_total_limit}, 2)
 * @param evaluationSteps steps between two measurements; 0: at beginning and end only ({@code
 *     eval_steps}, 0)
 * @param seed of everything random ({@code seed}, 42)
 */
public record OutputKeys(
        Path directory, long saveSteps, int checkpointsKept, long evaluationSteps, long seed) {

    /**
     * Reads the keys.
     *
     * @param keys the file's
     * @return their values
     * @throws IllegalArgumentException if the directory is missing or a value is out of range
     */
    public static OutputKeys read(Settings keys) {
        String directory = keys.text("output_dir", null);
        if (directory == null) {
            throw new IllegalArgumentException("output_dir is missing; name a new directory");
        }
        NumberKeys numbers = new NumberKeys(keys);
        return new OutputKeys(
                Path.of(directory),
                numbers.atLeast(1, "save_steps", 500),
                numbers.intAtLeast(1, "save_total_limit", 2),
                evaluationSteps(keys),
                keys.integer("seed", 42));
    }

    /** transformers measures while training only if eval_strategy says so. */
    private static long evaluationSteps(Settings keys) {
        String strategy = keys.text("eval_strategy", null);
        long steps = new NumberKeys(keys).atLeast(0, "eval_steps", 0);
        if (strategy == null || strategy.equals("steps")) {
            return steps;
        }
        if (!strategy.equals("no")) {
            throw new IllegalArgumentException(
                    "eval_strategy = '" + strategy + "', must be steps or no");
        }
        return 0;
    }
}
