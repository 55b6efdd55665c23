package org.dataflex.weighters;

import org.dataflex.strategy.Settings;
import org.dataflex.strategy.StrategyProvider;
import org.dataflex.strategy.Weighter;

/**
 * Makes a {@link LossBasedWeighter} by the name {@code loss}.
 *
 * <p>Settings: {@code strategy} (linupper, upper, quadratic, extremes, uniform), {@code delta},
 * {@code temperature}, {@code compatibility} (none, dataflex).
 */
public final class LossBasedWeighterProvider implements StrategyProvider<Weighter> {

    /** Made by {@link java.util.ServiceLoader}. */
    public LossBasedWeighterProvider() {}

    @Override
    public Class<Weighter> kind() {
        return Weighter.class;
    }

    @Override
    public String name() {
        return LossBasedWeighter.NAME;
    }

    @Override
    public Weighter create(Settings settings) {
        return LossBasedWeighter.builder()
                .optStrategy(settings.choice("strategy", LossBasedWeighter.STRATEGY))
                .optDelta(settings.decimal("delta", LossBasedWeighter.DELTA))
                .optTemperature(settings.decimal("temperature", LossBasedWeighter.TEMPERATURE))
                .optCompatibility(settings.choice("compatibility", LossBasedWeighter.COMPATIBILITY))
                .build();
    }
}
