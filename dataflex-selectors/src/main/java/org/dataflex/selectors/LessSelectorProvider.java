package org.dataflex.selectors;

import org.dataflex.strategy.Selector;
import org.dataflex.strategy.Settings;
import org.dataflex.strategy.StrategyProvider;
import org.dataflex.strategy.TargetFiles;

/**
 * Makes a {@link LessSelector} by the name {@code less}.
 *
 * <p>Settings: {@code targets} (required; the subtasks as {@code name:path,name:path}, of files
 * that {@code TokenSequences.save} wrote), {@code preconditioner} (adam, none), {@code
 * biasCorrection}, {@code compatibility} (none, dataflex), {@code parameters} (a regular
 * expression), {@code chunkSize}, {@code scoreDirectory}. Checkpoints and a store are set in Java.
 */
public final class LessSelectorProvider implements StrategyProvider<Selector> {

    /** Made by {@link java.util.ServiceLoader}. */
    public LessSelectorProvider() {}

    @Override
    public Class<Selector> kind() {
        return Selector.class;
    }

    @Override
    public String name() {
        return LessSelector.NAME;
    }

    @Override
    public Selector create(Settings settings) {
        LessSelectorBuilder builder =
                LessSelector.builder()
                        .optPreconditioner(
                                settings.choice("preconditioner", LessSelector.PRECONDITIONER))
                        .optBiasCorrection(
                                settings.flag("biasCorrection", LessSelector.BIAS_CORRECTION))
                        .optCompatibility(
                                settings.choice("compatibility", LessSelector.COMPATIBILITY))
                        .optParameters(ParameterNames.read(settings, LessSelector.PARAMETERS))
                        .optChunkSize(settings.integer("chunkSize", LessSelector.CHUNK_SIZE));
        if (settings.isSet("scoreDirectory")) {
            builder.optScoreDirectory(settings.path("scoreDirectory"));
        }
        TargetFiles.read(settings).forEach(builder::addSubtask);
        return builder.build();
    }
}
