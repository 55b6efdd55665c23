package org.dataflex.selectors;

import org.dataflex.strategy.Selector;
import org.dataflex.strategy.Settings;
import org.dataflex.strategy.StrategyProvider;

/**
 * Makes a {@link DeltaLossSelector} by the name {@code delta-loss}.
 *
 * <p>Settings: {@code windowSize}, {@code updates}, {@code compatibility} (none, dataflex).
 */
public final class DeltaLossSelectorProvider implements StrategyProvider<Selector> {

    /** Made by {@link java.util.ServiceLoader}. */
    public DeltaLossSelectorProvider() {}

    @Override
    public Class<Selector> kind() {
        return Selector.class;
    }

    @Override
    public String name() {
        return DeltaLossSelector.NAME;
    }

    @Override
    public Selector create(Settings settings) {
        DeltaLossSelector.Builder builder =
                DeltaLossSelector.builder()
                        .optWindowSize(
                                settings.decimal("windowSize", DeltaLossSelector.WINDOW_SIZE))
                        .optCompatibility(settings.choice("compatibility", Compatibility.NONE));
        if (settings.isSet("updates")) {
            builder.optUpdates(settings.integer("updates", 0));
        }
        return builder.build();
    }
}
