package org.dataflex.weighters;

import org.dataflex.strategy.Settings;
import org.dataflex.strategy.StrategyProvider;
import org.dataflex.strategy.Weighter;

/**
 * Makes a {@link LossBasedWeighter} by the name {@code loss}.
 *
 * <p>Settings: {@code strategy} (linupper, upper, quadratic, extremes, uniform), {@code delta},
 * {@code temperature}, {@code finalTemperature}, {@code temperatureSchedule} (constant, linear,
 * cosine), {@code scope} (batch, window, moving), {@code window}, {@code decay}, {@code quantile},
 * {@code compatibility} (none, dataflex).
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
                .optTemperature(temperature(settings))
                .optScope(settings.choice("scope", LossBasedWeighter.SCOPE))
                .optWindow(Math.toIntExact(settings.integer("window", LossBasedWeighter.WINDOW)))
                .optDecay(settings.decimal("decay", LossBasedWeighter.DECAY))
                .optQuantile(settings.decimal("quantile", LossBasedWeighter.QUANTILE))
                .optCompatibility(settings.choice("compatibility", LossBasedWeighter.COMPATIBILITY))
                .build();
    }

    private static TemperatureSchedule temperature(Settings settings) {
        double first = settings.decimal("temperature", LossBasedWeighter.TEMPERATURE);
        return new TemperatureSchedule(
                first,
                settings.decimal("finalTemperature", first),
                settings.choice("temperatureSchedule", TemperatureSchedule.Form.CONSTANT));
    }
}
