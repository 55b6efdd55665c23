package org.dataflex.examples.config;

import java.nio.file.Path;
import java.util.Optional;
import org.dataflex.lm.LoraConfig;
import org.dataflex.strategy.Settings;

/**
 * The keys that say which model is trained, and which of its parameters.
 *
 * @param directory a Hugging Face model directory ({@code model_name_or_path})
 * @param fromScratch whether to start from random values instead of its weights ({@code
 *     train_from_scratch}, false)
 * @param tuning which parameters are trained ({@code finetuning_type}, lora)
 * @param lora the adapters' settings, for {@link Tuning#LORA} ({@code lora_rank} 8, {@code
 *     lora_alpha} twice the rank, {@code lora_dropout} 0, {@code lora_target} all, {@code
 *     use_rslora} false)
 * @param trainedLayers how many of the last layers are trained, for {@link Tuning#FREEZE} ({@code
 *     freeze_trainable_layers}, 2)
 * @param bf16 whether to multiply in bfloat16 ({@code bf16}, false)
 * @param checkpointing whether layers run again in the backward pass ({@code
 *     gradient_checkpointing}, false)
 */
public record ModelKeys(
        Path directory,
        boolean fromScratch,
        Tuning tuning,
        Optional<LoraConfig> lora,
        int trainedLayers,
        boolean bf16,
        boolean checkpointing) {

    /** Which parameters are trained. */
    public enum Tuning {
        /** Low-rank adapters on linear layers. */
        LORA,
        /** All parameters of the last layers. */
        FREEZE,
        /** All parameters. */
        FULL
    }

    /** LLaMA-Factory's {@code lora_target} of all linear layers but the head. */
    private static final String ALL = "all";

    /**
     * Reads the keys.
     *
     * @param keys the file's
     * @return their values
     * @throws IllegalArgumentException if the directory is missing, or a value is out of range
     */
    public static ModelKeys read(Settings keys) {
        String directory = keys.text("model_name_or_path", null);
        if (directory == null) {
            throw new IllegalArgumentException(
                    "model_name_or_path is missing; set it to a Hugging Face model directory");
        }
        Tuning tuning = keys.choice("finetuning_type", Tuning.LORA);
        LoraConfig lora = lora(keys);
        return new ModelKeys(
                Path.of(directory),
                keys.flag("train_from_scratch", false),
                tuning,
                tuning == Tuning.LORA ? Optional.of(lora) : Optional.empty(),
                new NumberKeys(keys).intAtLeast(1, "freeze_trainable_layers", 2),
                keys.flag("bf16", false),
                keys.flag("gradient_checkpointing", false));
    }

    private static LoraConfig lora(Settings keys) {
        NumberKeys numbers = new NumberKeys(keys);
        int rank = numbers.intAtLeast(1, "lora_rank", 8);
        LoraConfig.Builder lora =
                LoraConfig.builder()
                        .setRank(rank)
                        .optAlpha(numbers.positive("lora_alpha", 2.0 * rank))
                        .optDropout((float) numbers.belowOne("lora_dropout", 0))
                        .optRankStabilized(keys.flag("use_rslora", false));
        String targets = keys.text("lora_target", ALL);
        return targets.equals(ALL)
                ? lora.build()
                : lora.addTargets(targets.strip().split("\\s*,\\s*")).build();
    }
}
