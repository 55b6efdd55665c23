package org.dataflex.mixers;

import org.dataflex.strategy.Mixer;
import org.dataflex.strategy.Settings;
import org.dataflex.strategy.StrategyProvider;

/**
 * Makes a {@link DynamicMoeMixer} by the name {@code dynamic-moe}.
 *
 * <p>Settings: {@code stepSize}, {@code smoothing}, {@code samplesPerDomain}, {@code layers} (last,
 * all) and {@code start} (uniform, current). Held-out sets need the builder.
 */
public final class DynamicMoeMixerProvider implements StrategyProvider<Mixer> {

    /** Made by {@link java.util.ServiceLoader}. */
    public DynamicMoeMixerProvider() {}

    @Override
    public Class<Mixer> kind() {
        return Mixer.class;
    }

    @Override
    public String name() {
        return DynamicMoeMixer.NAME;
    }

    @Override
    public Mixer create(Settings settings) {
        long samples = settings.integer("samplesPerDomain", DynamicMoeMixer.SAMPLES_PER_DOMAIN);
        return DynamicMoeMixer.builder()
                .optStepSize(settings.decimal("stepSize", DynamicMoeMixer.STEP_SIZE))
                .optSmoothing(settings.decimal("smoothing", DynamicMoeMixer.SMOOTHING))
                .optSamplesPerDomain(samples)
                .optLayers(settings.choice("layers", DynamicMoeMixer.LAYERS))
                .optStart(settings.choice("start", DynamicMoeMixer.START))
                .build();
    }
}
