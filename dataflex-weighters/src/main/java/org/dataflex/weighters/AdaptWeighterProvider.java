package org.dataflex.weighters;

import java.util.Map;
import org.dataflex.data.SampleSet;
import org.dataflex.strategy.Settings;
import org.dataflex.strategy.StrategyProvider;
import org.dataflex.strategy.TargetFiles;
import org.dataflex.strategy.Weighter;

/**
 * Makes an {@link AdaptWeighter} by the name {@code adapt}.
 *
 * <p>Settings: {@code targets} (required; {@code name:path} of a file that {@code
 * TokenSequences.save} wrote), {@code temperature}, {@code clip}, {@code compatibility} (none,
 * dataflex).
 */
public final class AdaptWeighterProvider implements StrategyProvider<Weighter> {

    /** Made by {@link java.util.ServiceLoader}. */
    public AdaptWeighterProvider() {}

    @Override
    public Class<Weighter> kind() {
        return Weighter.class;
    }

    @Override
    public String name() {
        return AdaptWeighter.NAME;
    }

    @Override
    public Weighter create(Settings settings) {
        Map.Entry<String, SampleSet> targets = TargetFiles.readOne(settings);
        return AdaptWeighter.builder()
                .setTargets(targets.getKey(), targets.getValue())
                .optTemperature(settings.decimal("temperature", AdaptWeighter.TEMPERATURE))
                .optClip(settings.decimal("clip", AdaptWeighter.CLIP))
                .optCompatibility(settings.choice("compatibility", AdaptWeighter.COMPATIBILITY))
                .build();
    }
}
