package org.dataflex.examples.config;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.dataflex.strategy.Settings;

/**
 * The keys of the data.
 *
 * @param stage instructions or plain text ({@code stage}, sft)
 * @param directory where {@code dataset_info.json} is ({@code dataset_dir}, data)
 * @param datasets the domains to train on, by name ({@code dataset})
 * @param evaluations the sets to measure by ({@code eval_dataset}, none)
 * @param targets the sets that selectors and weighters steer towards ({@code target_dataset}, none;
 *     not of LLaMA-Factory)
 * @param template how a conversation becomes text ({@code template}; default: the model's own)
 * @param cutoff the most tokens of a sample ({@code cutoff_len}, 2048)
 * @param maxSamples of each dataset ({@code max_samples}, all)
 * @param validationShare of the training data that is held out, or, from 1 on, its number of
 *     samples ({@code val_size}, 0)
 * @param trainOnPrompt whether prompts are targets too ({@code train_on_prompt}, false)
 * @param maskHistory whether only the last answer is a target ({@code mask_history}, false)
 */
public record DataKeys(
        Stage stage,
        Path directory,
        List<String> datasets,
        List<String> evaluations,
        List<String> targets,
        Optional<String> template,
        int cutoff,
        long maxSamples,
        double validationShare,
        boolean trainOnPrompt,
        boolean maskHistory) {

    /** What a sample is. */
    public enum Stage {
        /** Plain text, all of it targets. */
        PT,
        /** A conversation whose answers are targets. */
        SFT
    }

    /**
     * Reads the keys.
     *
     * @param keys the file's
     * @return their values
     * @throws IllegalArgumentException if there is no dataset, a value is out of range, or keys
     *     contradict each other
     */
    public static DataKeys read(Settings keys) {
        NumberKeys numbers = new NumberKeys(keys);
        DataKeys read =
                new DataKeys(
                        keys.choice("stage", Stage.SFT),
                        Path.of(keys.text("dataset_dir", "data")),
                        names(keys, "dataset"),
                        names(keys, "eval_dataset"),
                        names(keys, "target_dataset"),
                        Optional.ofNullable(keys.text("template", null)),
                        numbers.intAtLeast(2, "cutoff_len", 2048),
                        numbers.atLeast(1, "max_samples", Long.MAX_VALUE),
                        keys.decimal("val_size", 0),
                        keys.flag("train_on_prompt", false),
                        keys.flag("mask_history", false));
        read.requireSound();
        return read;
    }

    private static List<String> names(Settings keys, String key) {
        String value = keys.text(key, "").strip();
        return value.isEmpty() ? List.of() : Arrays.asList(value.split("\\s*,\\s*"));
    }

    private void requireSound() {
        require(!datasets.isEmpty(), "dataset is missing; name what to train on");
        require(
                validationShare >= 0
                        && (validationShare < 1 || validationShare == Math.rint(validationShare)),
                "val_size = " + validationShare + ", must be a share below 1 or a whole number");
        require(
                validationShare == 0 || evaluations.isEmpty(),
                "val_size and eval_dataset are both set; hold samples out of dataset with the one,"
                        + " or name other sets with the other");
        require(
                !trainOnPrompt || !maskHistory,
                "train_on_prompt and mask_history are both true; prompts and earlier answers are"
                        + " either targets or not");
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
