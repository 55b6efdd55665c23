package org.dataflex.mixers;

import org.dataflex.strategy.Mixer;
import org.dataflex.strategy.Settings;
import org.dataflex.strategy.StrategyProvider;

/** Makes a {@link RandomMixer} by the name {@code random}; it has no settings. */
public final class RandomMixerProvider implements StrategyProvider<Mixer> {

    /** Made by {@link java.util.ServiceLoader}. */
    public RandomMixerProvider() {}

    @Override
    public Class<Mixer> kind() {
        return Mixer.class;
    }

    @Override
    public String name() {
        return RandomMixer.NAME;
    }

    @Override
    public Mixer create(Settings settings) {
        return new RandomMixer();
    }
}
