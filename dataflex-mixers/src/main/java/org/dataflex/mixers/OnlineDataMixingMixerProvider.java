package org.dataflex.mixers;

import org.dataflex.strategy.Mixer;
import org.dataflex.strategy.Settings;
import org.dataflex.strategy.StrategyProvider;

/**
 * Makes an {@link OnlineDataMixingMixer} by the name {@code odm}.
 *
 * <p>Settings: {@code variant} (paper, repo_group, repo_single, exp3_cumulative, dataflex) and
 * {@code alpha}; with {@code variant = dataflex} also {@code rewardScale}, {@code minExploration}
 * and {@code warmUpSteps}.
 */
public final class OnlineDataMixingMixerProvider implements StrategyProvider<Mixer> {

    /** Made by {@link java.util.ServiceLoader}. */
    public OnlineDataMixingMixerProvider() {}

    @Override
    public Class<Mixer> kind() {
        return Mixer.class;
    }

    @Override
    public String name() {
        return OnlineDataMixingMixer.NAME;
    }

    @Override
    public Mixer create(Settings settings) {
        OnlineDataMixingMixerBuilder builder =
                OnlineDataMixingMixer.builder()
                        .optVariant(settings.choice("variant", OnlineDataMixingMixer.VARIANT));
        if (settings.isSet("alpha")) {
            builder.optAlpha(settings.decimal("alpha", 0));
        }
        if (settings.isSet("rewardScale")) {
            builder.optRewardScale(settings.decimal("rewardScale", 0));
        }
        if (settings.isSet("minExploration")) {
            builder.optMinExploration(settings.decimal("minExploration", 0));
        }
        if (settings.isSet("warmUpSteps")) {
            builder.optWarmUpSteps(settings.integer("warmUpSteps", 0));
        }
        return builder.build();
    }
}
