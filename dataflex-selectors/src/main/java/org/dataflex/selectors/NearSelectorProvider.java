package org.dataflex.selectors;

import org.dataflex.strategy.Selector;
import org.dataflex.strategy.Settings;
import org.dataflex.strategy.StrategyProvider;

/**
 * Makes a {@link NearSelector} by the name {@code near}.
 *
 * <p>Settings: {@code candidateEmbeddings} and {@code targetEmbeddings} (safetensors files,
 * required), {@code neighbours}, {@code compatibility} (none, dataflex).
 */
public final class NearSelectorProvider implements StrategyProvider<Selector> {

    /** Made by {@link java.util.ServiceLoader}. */
    public NearSelectorProvider() {}

    @Override
    public Class<Selector> kind() {
        return Selector.class;
    }

    @Override
    public String name() {
        return NearSelector.NAME;
    }

    @Override
    public Selector create(Settings settings) {
        NearSelector.Builder builder =
                NearSelector.builder()
                        .setEmbeddings(EmbeddingSource.of(settings))
                        .optCompatibility(settings.choice("compatibility", Compatibility.NONE));
        if (settings.isSet("neighbours")) {
            builder.optNeighbours(settings.integer("neighbours", 0));
        }
        return builder.build();
    }
}
