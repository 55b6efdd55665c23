package org.dataflex.mixers;

import java.util.Objects;
import org.dataflex.mixers.OnlineDataMixingMixer.Variant;

/** Collects the settings of an {@link OnlineDataMixingMixer}. */
public final class OnlineDataMixingMixerBuilder {

    Variant variant = OnlineDataMixingMixer.VARIANT;
    Double alpha;
    Double rewardScale;
    Double minExploration;
    Long warmUpSteps;

    OnlineDataMixingMixerBuilder() {}

    /**
     * Sets whose formula to follow.
     *
     * @param variant by default {@link OnlineDataMixingMixer#VARIANT}
     * @return this
     */
    public OnlineDataMixingMixerBuilder optVariant(Variant variant) {
        this.variant = Objects.requireNonNull(variant, "variant");
        return this;
    }

    /**
     * Sets how much of R is kept when a domain is drawn; {@link Variant#EXP3_CUMULATIVE} keeps all.
     *
     * @param alpha at least 0, less than 1, by default {@link OnlineDataMixingMixer#ALPHA}
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public OnlineDataMixingMixerBuilder optAlpha(double alpha) {
        require(alpha >= 0 && alpha < 1, "alpha", alpha, "at least 0 and less than 1");
        this.alpha = alpha;
        return this;
    }

    /**
     * Sets what losses are multiplied by, in {@link Variant#DATAFLEX} only.
     *
     * @param rewardScale finite, above 0, by default {@link OnlineDataMixingMixer#REWARD_SCALE}
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public OnlineDataMixingMixerBuilder optRewardScale(double rewardScale) {
        boolean valid = rewardScale > 0 && rewardScale <= Double.MAX_VALUE;
        require(valid, "rewardScale", rewardScale, "finite and above 0");
        this.rewardScale = rewardScale;
        return this;
    }

    /**
     * Sets the least eps_t, in {@link Variant#DATAFLEX} only.
     *
     * @param minExploration in [0, 1], by default {@link OnlineDataMixingMixer#MIN_EXPLORATION};
     *     held at 1/(2K)
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public OnlineDataMixingMixerBuilder optMinExploration(double minExploration) {
        boolean valid = minExploration >= 0 && minExploration <= 1;
        require(valid, "minExploration", minExploration, "in [0, 1]");
        this.minExploration = minExploration;
        return this;
    }

    /**
     * Sets the steps before learning begins, in {@link Variant#DATAFLEX} only.
     *
     * @param warmUpSteps at least 0, by default {@link OnlineDataMixingMixer#WARM_UP_STEPS}
     * @return this
     * @throws IllegalArgumentException if negative
     */
    public OnlineDataMixingMixerBuilder optWarmUpSteps(long warmUpSteps) {
        require(warmUpSteps >= 0, "warmUpSteps", warmUpSteps, "at least 0");
        this.warmUpSteps = warmUpSteps;
        return this;
    }

    /**
     * Makes the mixer.
     *
     * @return a new mixer
     * @throws IllegalArgumentException if a setting of another variant was set
     */
    public OnlineDataMixingMixer build() {
        boolean set = rewardScale != null || minExploration != null || warmUpSteps != null;
        if (variant != Variant.DATAFLEX && set) {
            throw new IllegalArgumentException(
                    "rewardScale, minExploration and warmUpSteps have no meaning in variant "
                            + OnlineDataMixingMixer.lower(variant)
                            + "; leave them out, or set variant to dataflex");
        }
        if (variant == Variant.EXP3_CUMULATIVE && alpha != null) {
            throw new IllegalArgumentException(
                    "alpha has no meaning in variant exp3_cumulative; leave it out, or set"
                            + " another variant");
        }
        return new OnlineDataMixingMixer(this);
    }

    private static void require(boolean valid, String name, Number value, String range) {
        if (!valid) {
            throw new IllegalArgumentException(name + " = " + value + ", must be " + range);
        }
    }
}
