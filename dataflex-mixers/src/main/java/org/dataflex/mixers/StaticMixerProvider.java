package org.dataflex.mixers;

import java.util.LinkedHashMap;
import java.util.Map;
import org.dataflex.strategy.Mixer;
import org.dataflex.strategy.Settings;
import org.dataflex.strategy.StrategyProvider;

/**
 * Makes a {@link StaticMixer} by the name {@code static}.
 *
 * <p>Setting: {@code proportions}, one of {@code natural} (the default), {@code uniform}, shares by
 * name ({@code wiki=0.5,code=0.5}) or shares in the pool's order ({@code 0.5,0.5}). A domain whose
 * name has a comma or an equals sign can be given a share in the pool's order only.
 */
public final class StaticMixerProvider implements StrategyProvider<Mixer> {

    /** Made by {@link java.util.ServiceLoader}. */
    public StaticMixerProvider() {}

    @Override
    public Class<Mixer> kind() {
        return Mixer.class;
    }

    @Override
    public String name() {
        return StaticMixer.NAME;
    }

    @Override
    public Mixer create(Settings settings) {
        String proportions = settings.text("proportions", StaticMixer.NATURAL).strip();
        if (proportions.equalsIgnoreCase(StaticMixer.NATURAL)) {
            return StaticMixer.natural();
        }
        if (proportions.equalsIgnoreCase(StaticMixer.UNIFORM)) {
            return StaticMixer.uniform();
        }
        return proportions.contains("=")
                ? StaticMixer.of(parseNamed(proportions))
                : StaticMixer.of(parseShares(proportions));
    }

    private static Map<String, Double> parseNamed(String proportions) {
        Map<String, Double> shares = new LinkedHashMap<>();
        for (String part : proportions.split(",")) {
            int equals = part.indexOf('=');
            if (equals < 1) {
                throw malformed(proportions);
            }
            String name = part.substring(0, equals).strip();
            if (shares.put(name, parse(part.substring(equals + 1), proportions)) != null) {
                throw new IllegalArgumentException(
                        "proportions = '" + proportions + "' names '" + name + "' twice");
            }
        }
        return shares;
    }

    private static double[] parseShares(String proportions) {
        String[] parts = proportions.split(",");
        double[] shares = new double[parts.length];
        for (int i = 0; i < parts.length; i++) {
            shares[i] = parse(parts[i], proportions);
        }
        return shares;
    }

    private static double parse(String number, String proportions) {
        try {
            return Double.parseDouble(number.strip());
        } catch (NumberFormatException e) {
            throw malformed(proportions);
        }
    }

    private static IllegalArgumentException malformed(String proportions) {
        return new IllegalArgumentException(
                "mixer 'static': setting proportions = '"
                        + proportions
                        + "' is not natural, uniform, shares by name (wiki=0.5,code=0.5) or shares"
                        + " in the pool's order (0.5,0.5)");
    }
}
