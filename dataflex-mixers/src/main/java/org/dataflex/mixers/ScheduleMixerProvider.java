package org.dataflex.mixers;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dataflex.strategy.Mixer;
import org.dataflex.strategy.Settings;
import org.dataflex.strategy.StrategyProvider;

/**
 * Makes a {@link ScheduleMixer} by the name {@code schedule}.
 *
 * <p>Setting: {@code stages}, separated by semicolons. A stage is a step, or the steps of a ramp, a
 * colon and proportions in any form that {@link StaticMixerProvider} reads: {@code 0: natural;
 * 1000..2000: wiki=0.5,code=0.5} holds the natural proportions for 1,000 steps, goes to equal ones
 * linearly in the next 1,000, and holds these.
 */
public final class ScheduleMixerProvider implements StrategyProvider<Mixer> {

    private static final Pattern STAGE =
            Pattern.compile(
                    "\\s*(\\d{1,18})\\s*(?:\\.\\.\\s*(\\d{1,18})\\s*)?:(.*)", Pattern.DOTALL);

    /** Made by {@link java.util.ServiceLoader}. */
    public ScheduleMixerProvider() {}

    @Override
    public Class<Mixer> kind() {
        return Mixer.class;
    }

    @Override
    public String name() {
        return ScheduleMixer.NAME;
    }

    @Override
    public Mixer create(Settings settings) {
        String stages = settings.text("stages", "");
        ScheduleMixer.Builder builder = ScheduleMixer.builder();
        for (String stage : stages.split(";")) {
            Matcher parts = STAGE.matcher(stage);
            if (!parts.matches()) {
                throw new IllegalArgumentException(
                        "stage '"
                                + stage.strip()
                                + "' of stages = '"
                                + stages
                                + "' is not STEP: PROPORTIONS or STEP..STEP: PROPORTIONS, as in '0:"
                                + " natural; 1000..2000: wiki=0.5,code=0.5'");
            }
            add(builder, parts);
        }
        return builder.build();
    }

    private static void add(ScheduleMixer.Builder builder, Matcher parts) {
        long begin = Long.parseLong(parts.group(1));
        StaticMixer proportions =
                ProportionsSetting.parse("proportions at step " + begin, parts.group(3));
        if (parts.group(2) == null) {
            builder.addStage(begin, proportions);
        } else {
            builder.addRamp(begin, Long.parseLong(parts.group(2)), proportions);
        }
    }
}
