package org.dataflex.weighters;

import org.dataflex.strategy.Settings;
import org.dataflex.strategy.StrategyProvider;
import org.dataflex.strategy.Weighter;

/** Makes a {@link UniformWeighter} by the name {@code uniform}; it has no settings. */
public final class UniformWeighterProvider implements StrategyProvider<Weighter> {

    /** Made by {@link java.util.ServiceLoader}. */
    public UniformWeighterProvider() {}

    @Override
    public Class<Weighter> kind() {
        return Weighter.class;
    }

    @Override
    public String name() {
        return UniformWeighter.NAME;
    }

    @Override
    public Weighter create(Settings settings) {
        return new UniformWeighter();
    }
}
