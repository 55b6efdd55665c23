package org.dataflex.selectors;

import java.util.Map;
import org.dataflex.data.SampleSet;
import org.dataflex.strategy.Selector;
import org.dataflex.strategy.Settings;
import org.dataflex.strategy.StrategyProvider;
import org.dataflex.strategy.TargetFiles;

/**
 * Makes a {@link GreatsSelector} by the name {@code greats}.
 *
 * <p>Settings: {@code targets} (required; {@code name:path} of a file that {@code
 * TokenSequences.save} wrote), {@code learningRate} (required), {@code parameters} (a regular
 * expression). The projection is set in Java.
 */
public final class GreatsSelectorProvider implements StrategyProvider<Selector> {

    /** Made by {@link java.util.ServiceLoader}. */
    public GreatsSelectorProvider() {}

    @Override
    public Class<Selector> kind() {
        return Selector.class;
    }

    @Override
    public String name() {
        return GreatsSelector.NAME;
    }

    @Override
    public Selector create(Settings settings) {
        GreatsSelector.Builder builder =
                GreatsSelector.builder()
                        .setLearningRate(settings.decimal("learningRate", 0))
                        .optParameters(ParameterNames.read(settings, GreatsSelector.PARAMETERS));
        Map.Entry<String, SampleSet> targets = TargetFiles.readOne(settings);
        return builder.setTargets(targets.getKey(), targets.getValue()).build();
    }
}
