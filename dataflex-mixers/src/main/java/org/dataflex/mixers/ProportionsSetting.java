package org.dataflex.mixers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Proportions as text, as {@link StaticMixerProvider} describes them. */
final class ProportionsSetting {

    private static final String FILE = "file:";

    private final String name;
    private final String text;

    private ProportionsSetting(String name, String text) {
        this.name = name;
        this.text = text;
    }

    /**
     * Reads proportions.
     *
     * @param name what they are, for messages
     * @param text the text
     * @return the mixer of these proportions
     * @throws IllegalArgumentException if the text has another form, or a file cannot be read
     */
    static StaticMixer parse(String name, String text) {
        return new ProportionsSetting(name, text.strip()).parse();
    }

    private StaticMixer parse() {
        if (text.equalsIgnoreCase(StaticMixer.NATURAL)) {
            return StaticMixer.natural();
        }
        if (text.equalsIgnoreCase(StaticMixer.UNIFORM)) {
            return StaticMixer.uniform();
        }
        if (text.startsWith(FILE)) {
            return ofFile(text.substring(FILE.length()));
        }
        return text.contains("=") ? StaticMixer.of(named()) : StaticMixer.of(inOrder());
    }

    private StaticMixer ofFile(String path) {
        try {
            return StaticMixer.ofFile(Path.of(path));
        } catch (IOException e) {
            throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
        }
    }

    private Map<String, Double> named() {
        Map<String, Double> shares = new LinkedHashMap<>();
        for (String part : text.split(",")) {
            int equals = part.indexOf('=');
            if (equals < 1) {
                throw malformed();
            }
            String domain = part.substring(0, equals).strip();
            if (shares.put(domain, number(part.substring(equals + 1))) != null) {
                throw new IllegalArgumentException(
                        name + " = '" + text + "' names '" + domain + "' twice");
            }
        }
        return shares;
    }

    private double[] inOrder() {
        String[] parts = text.split(",");
        double[] shares = new double[parts.length];
        for (int i = 0; i < parts.length; i++) {
            shares[i] = number(parts[i]);
        }
        return shares;
    }

    private double number(String part) {
        try {
            return Double.parseDouble(part.strip());
        } catch (NumberFormatException e) {
            throw malformed();
        }
    }

    private IllegalArgumentException malformed() {
        return new IllegalArgumentException(
                name
                        + " = '"
                        + text
                        + "' is not natural, uniform, shares by name (wiki=0.5,code=0.5), shares in"
                        + " the pool's order (0.5,0.5) or a file (file:mixture.json)");
    }
}
