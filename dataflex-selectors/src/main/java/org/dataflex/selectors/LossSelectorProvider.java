package org.dataflex.selectors;

import java.util.Arrays;
import org.dataflex.strategy.Selector;
import org.dataflex.strategy.Settings;
import org.dataflex.strategy.StrategyProvider;

/**
 * Makes a {@link LossSelector} by the name {@code loss}.
 *
 * <p>Settings: {@code focus} (low, medium, high), {@code focusWeight}, {@code quantiles} (two,
 * separated by a comma), {@code temperature}.
 */
public final class LossSelectorProvider implements StrategyProvider<Selector> {

    /** Made by {@link java.util.ServiceLoader}. */
    public LossSelectorProvider() {}

    @Override
    public Class<Selector> kind() {
        return Selector.class;
    }

    @Override
    public String name() {
        return LossSelector.NAME;
    }

    @Override
    public Selector create(Settings settings) {
        double[] quantiles =
                settings.decimals(
                        "quantiles", LossSelector.LOWER_QUANTILE, LossSelector.UPPER_QUANTILE);
        if (quantiles.length != 2) {
            throw new IllegalArgumentException(
                    "quantiles = "
                            + Arrays.toString(quantiles)
                            + ", must be two numbers: lower,upper");
        }
        return LossSelector.builder()
                .optFocus(settings.choice("focus", LossSelector.FOCUS))
                .optFocusWeight(settings.decimal("focusWeight", LossSelector.FOCUS_WEIGHT))
                .optQuantiles(quantiles[0], quantiles[1])
                .optTemperature(settings.decimal("temperature", LossSelector.TEMPERATURE))
                .build();
    }
}
