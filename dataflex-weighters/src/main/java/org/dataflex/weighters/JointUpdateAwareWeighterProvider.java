package org.dataflex.weighters;

import java.util.Map;
import org.dataflex.data.SampleSet;
import org.dataflex.strategy.Settings;
import org.dataflex.strategy.StrategyProvider;
import org.dataflex.strategy.TargetFiles;
import org.dataflex.strategy.Weighter;

/**
 * Makes a {@link JointUpdateAwareWeighter} by the name {@code joint-update-aware}.
 *
 * <p>Settings: {@code targets} (required; {@code name:path} of a file that {@code
 * TokenSequences.save} wrote), {@code redundancy}, {@code temperature}.
 */
public final class JointUpdateAwareWeighterProvider implements StrategyProvider<Weighter> {

    /** Made by {@link java.util.ServiceLoader}. */
    public JointUpdateAwareWeighterProvider() {}

    @Override
    public Class<Weighter> kind() {
        return Weighter.class;
    }

    @Override
    public String name() {
        return JointUpdateAwareWeighter.NAME;
    }

    @Override
    public Weighter create(Settings settings) {
        Map.Entry<String, SampleSet> targets = TargetFiles.readOne(settings);
        return JointUpdateAwareWeighter.builder()
                .setTargets(targets.getKey(), targets.getValue())
                .optRedundancy(settings.decimal("redundancy", JointUpdateAwareWeighter.REDUNDANCY))
                .optTemperature(
                        settings.decimal("temperature", JointUpdateAwareWeighter.TEMPERATURE))
                .build();
    }
}
