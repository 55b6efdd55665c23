package org.dataflex.selectors;

import org.dataflex.strategy.Selector;
import org.dataflex.strategy.Settings;
import org.dataflex.strategy.StrategyProvider;

/**
 * Makes a {@link TsdsSelector} by the name {@code tsds}.
 *
 * <p>Settings: {@code candidateEmbeddings} and {@code targetEmbeddings} (safetensors files,
 * required), {@code alpha}, {@code scale}, {@code bandwidth}, {@code neighbours}, {@code
 * densityNeighbours}, {@code replacement}, {@code compatibility} (none, dataflex).
 */
public final class TsdsSelectorProvider implements StrategyProvider<Selector> {

    /** Made by {@link java.util.ServiceLoader}. */
    public TsdsSelectorProvider() {}

    @Override
    public Class<Selector> kind() {
        return Selector.class;
    }

    @Override
    public String name() {
        return TsdsSelector.NAME;
    }

    @Override
    public Selector create(Settings settings) {
        TsdsSelectorBuilder builder =
                TsdsSelector.builder()
                        .setEmbeddings(EmbeddingSource.of(settings))
                        .optScale(settings.decimal("scale", TsdsSelector.SCALE))
                        .optBandwidth(settings.decimal("bandwidth", TsdsSelector.BANDWIDTH))
                        .optReplacement(settings.flag("replacement", true))
                        .optCompatibility(settings.choice("compatibility", Compatibility.NONE));
        if (settings.isSet("alpha")) {
            builder.optAlpha(settings.decimal("alpha", TsdsSelector.ALPHA));
        }
        if (settings.isSet("densityNeighbours")) {
            builder.optDensityNeighbours(settings.integer("densityNeighbours", 0));
        }
        if (settings.isSet("neighbours")) {
            builder.optNeighbours(settings.integer("neighbours", 0));
        }
        return builder.build();
    }
}
