package org.dataflex.examples.config;

import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.List;
import java.util.OptionalInt;
import org.dataflex.optim.AdamW;
import org.dataflex.optim.LearningRateSchedule;
import org.dataflex.strategy.Settings;

/**
 * The keys of batches, optimizer and learning rate.
 *
 * @param batchSize rows that go through the model together ({@code per_device_train_batch_size}, 8)
 * @param accumulation batches a step ({@code gradient_accumulation_steps}, 1)
 * @param tokensPerBatch what goes through the model together instead: the most tokens, padding
 *     counted ({@code tokens_per_batch}, not set; not of LLaMA-Factory)
 * @param packing whether a batch's samples are put end to end, each seeing itself alone ({@code
 *     neat_packing}, false)
 * @param learningRate its peak ({@code learning_rate}, 5e-5)
 * @param decline how it falls after its warm-up ({@code lr_scheduler_type}, linear)
 * @param warmUpRatio the warm-up's share of all steps ({@code warmup_ratio}, 0)
 * @param warmUpSteps the warm-up's steps, which go before the share ({@code warmup_steps}, 0)
 * @param weightDecay of matrices ({@code weight_decay}, 0)
 * @param beta1 of AdamW ({@code adam_beta1}, 0.9)
 * @param beta2 of AdamW ({@code adam_beta2}, 0.999)
 * @param epsilon of AdamW ({@code adam_epsilon}, 1e-8)
 * @param clipNorm the gradients' largest global norm ({@code max_grad_norm}, 1; 0 clips nothing)
 */
public record OptimizerKeys(
        int batchSize,
        int accumulation,
        OptionalInt tokensPerBatch,
        boolean packing,
        float learningRate,
        Decline decline,
        double warmUpRatio,
        int warmUpSteps,
        float weightDecay,
        double beta1,
        double beta2,
        double epsilon,
        double clipNorm) {

    /** How a learning rate falls. */
    public enum Decline {
        /** Along a line to 0. */
        LINEAR,
        /** Along half a cosine to 0. */
        COSINE,
        /** Not at all, and no warm-up. */
        CONSTANT,
        /** Not at all, after a warm-up. */
        CONSTANT_WITH_WARMUP
    }

    /**
     * Reads the keys.
     *
     * @param keys the file's
     * @param warnings gets a line if one means something else than in LLaMA-Factory
     * @return their values
     * @throws IllegalArgumentException if one is out of range, both {@code warmup_ratio} and {@code
     *     warmup_steps} are set, or {@code packing} is without {@code neat_packing}
     */
    public static OptimizerKeys read(Settings keys, List<String> warnings) {
        NumberKeys numbers = new NumberKeys(keys);
        double ratio = keys.decimal("warmup_ratio", 0);
        NumberKeys.require(ratio >= 0 && ratio <= 1, "warmup_ratio = " + ratio, "from 0 to 1");
        int warmUp = numbers.intAtLeast(0, "warmup_steps", 0);
        NumberKeys.require(
                ratio == 0 || warmUp == 0,
                "warmup_ratio = " + ratio + " and warmup_steps = " + warmUp,
                "one of the two");
        double clip = numbers.atLeast(0.0, "max_grad_norm", 1);
        int batchSize = numbers.intAtLeast(1, "per_device_train_batch_size", 8);
        int accumulation = numbers.intAtLeast(1, "gradient_accumulation_steps", 1);
        NumberKeys.require(
                (long) batchSize * accumulation <= Integer.MAX_VALUE,
                "per_device_train_batch_size * gradient_accumulation_steps = "
                        + (long) batchSize * accumulation,
                "at most " + Integer.MAX_VALUE);
        return new OptimizerKeys(
                batchSize,
                accumulation,
                keys.isSet("tokens_per_batch")
                        ? OptionalInt.of(numbers.intAtLeast(1, "tokens_per_batch", 1))
                        : OptionalInt.empty(),
                packing(keys, warnings),
                (float) numbers.atLeast(0.0, "learning_rate", 5e-5),
                keys.choice("lr_scheduler_type", Decline.LINEAR),
                ratio,
                warmUp,
                (float) numbers.atLeast(0.0, "weight_decay", 0),
                numbers.belowOne("adam_beta1", 0.9),
                numbers.belowOne("adam_beta2", 0.999),
                numbers.positive("adam_epsilon", 1e-8),
                clip == 0 ? Double.POSITIVE_INFINITY : clip);
    }

    private static boolean packing(Settings keys, List<String> warnings) {
        boolean isNeat = keys.flag("neat_packing", false);
        if (keys.flag("packing", false) && !isNeat) {
            throw new IllegalArgumentException(
                    "packing = true lets samples that share a row see each other; set neat_packing"
                            + " = true, which keeps them apart, or remove it");
        }
        if (isNeat) {
            warnings.add(
                    "neat_packing = true packs the samples of a batch:"
                            + " per_device_train_batch_size counts samples, not rows of cutoff_len"
                            + " tokens");
        }
        return isNeat;
    }

    /**
     * Returns the rows of an optimizer update.
     *
     * @return batch size times accumulation
     */
    public int rowsPerStep() {
        return batchSize * accumulation;
    }

    /**
     * Makes the optimizer.
     *
     * @param steps updates of the run
     * @return AdamW
     */
    public Optimizer optimizer(long steps) {
        return AdamW.builder()
                .optLearningRateTracker(schedule(Math.toIntExact(steps)))
                .optWeightDecays(weightDecay)
                .optBeta1(beta1)
                .optBeta2(beta2)
                .optEpsilon(epsilon)
                .build();
    }

    private Tracker schedule(int steps) {
        int warmUp =
                Math.min(steps, warmUpSteps > 0 ? warmUpSteps : roundedUp(warmUpRatio * steps));
        return switch (decline) {
            case LINEAR -> LearningRateSchedule.linear(learningRate, 0, warmUp, steps);
            case COSINE -> LearningRateSchedule.cosine(learningRate, 0, warmUp, steps);
            case CONSTANT -> LearningRateSchedule.constant(learningRate, 0);
            case CONSTANT_WITH_WARMUP -> LearningRateSchedule.constant(learningRate, warmUp);
        };
    }

    /** As transformers rounds a share of steps. */
    private static int roundedUp(double steps) {
        return (int) Math.ceil(steps);
    }
}
