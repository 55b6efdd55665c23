package org.dataflex.mixers;

import java.io.IOException;
import java.nio.file.Path;
import org.dataflex.ReferenceLosses;
import org.dataflex.strategy.Mixer;
import org.dataflex.strategy.Settings;
import org.dataflex.strategy.StrategyProvider;

/**
 * Makes a {@link DoReMiMixer} by the name {@code doremi}; it is the run's weighter too.
 *
 * <p>Settings: {@code reference}, a directory that {@link ReferenceLosses#compute} made, required
 * and open as long as the process lives; {@code variant} (paper, dataflex), {@code stepSize},
 * {@code smoothing}, and {@code sampling} in any form that {@link StaticMixerProvider} reads.
 */
public final class DoReMiMixerProvider implements StrategyProvider<Mixer> {

    /** Made by {@link java.util.ServiceLoader}. */
    public DoReMiMixerProvider() {}

    @Override
    public Class<Mixer> kind() {
        return Mixer.class;
    }

    @Override
    public String name() {
        return DoReMiMixer.NAME;
    }

    @Override
    public Mixer create(Settings settings) {
        DoReMiMixerBuilder builder =
                DoReMiMixer.builder()
                        .optVariant(settings.choice("variant", DoReMiMixer.VARIANT))
                        .optSampling(
                                ProportionsSetting.parse(
                                        "setting sampling",
                                        settings.text("sampling", StaticMixer.UNIFORM)));
        if (settings.isSet("stepSize")) {
            builder.optStepSize(settings.decimal("stepSize", 0));
        }
        if (settings.isSet("smoothing")) {
            builder.optSmoothing(settings.decimal("smoothing", 0));
        }
        String directory = settings.text("reference", null);
        if (directory == null) {
            throw new IllegalArgumentException(
                    "no reference; set it to a directory that ReferenceLosses.compute made");
        }
        return builder.setReference(open(directory)).build();
    }

    private static ReferenceLosses open(String directory) {
        try {
            return ReferenceLosses.open(Path.of(directory));
        } catch (IOException e) {
            throw new IllegalArgumentException("reference: " + e.getMessage(), e);
        }
    }
}
