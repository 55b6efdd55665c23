package org.dataflex.selectors;

import org.dataflex.strategy.Selector;
import org.dataflex.strategy.Settings;
import org.dataflex.strategy.StrategyProvider;

/** Makes a {@link RandomSelector} by the name {@code random}; it has no settings. */
public final class RandomSelectorProvider implements StrategyProvider<Selector> {

    /** Made by {@link java.util.ServiceLoader}. */
    public RandomSelectorProvider() {}

    @Override
    public Class<Selector> kind() {
        return Selector.class;
    }

    @Override
    public String name() {
        return RandomSelector.NAME;
    }

    @Override
    public Selector create(Settings settings) {
        return new RandomSelector();
    }
}
