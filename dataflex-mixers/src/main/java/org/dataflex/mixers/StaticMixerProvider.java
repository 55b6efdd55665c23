package org.dataflex.mixers;

import org.dataflex.strategy.Mixer;
import org.dataflex.strategy.Settings;
import org.dataflex.strategy.StrategyProvider;

/**
 * Makes a {@link StaticMixer} by the name {@code static}.
 *
 * <p>Setting: {@code proportions}, one of {@code natural} (the default), {@code uniform}, shares by
 * name ({@code wiki=0.5,code=0.5}), shares in the pool's order ({@code 0.5,0.5}) or a {@link
 * ProportionsFile} ({@code file:mixture.json}). A domain whose name has a comma or an equals sign
 * can be given a share in the pool's order or in a file only.
 */
public final class StaticMixerProvider implements StrategyProvider<Mixer> {

    /** Made by {@link java.util.ServiceLoader}. */
    public StaticMixerProvider() {}

    @Override
    public Class<Mixer> kind() {
        return Mixer.class;
    }

    @Override
    public String name() {
        return StaticMixer.NAME;
    }

    @Override
    public Mixer create(Settings settings) {
        String proportions = settings.text("proportions", StaticMixer.NATURAL);
        return ProportionsSetting.parse("setting proportions", proportions);
    }
}
