package org.dataflex.strategy;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Named settings as text, read by type; what nobody reads is an error.
 *
 * <p>Every getter names the setting, its value and what would be right when it refuses.
 */
public final class Settings {

    /** A comma that ends a named path: another name follows, which has no marks of a path. */
    private static final String NEXT_NAME = ",(?=[^,:/\\\\]+:)";

    private final String owner;
    private final Map<String, String> values;
    private final Set<String> known = new TreeSet<>();

    /**
     * Takes settings.
     *
     * @param owner whose settings, as named in messages, such as {@code selector 'loss'}
     * @param values setting names and values
     */
    public Settings(String owner, Map<String, String> values) {
        this.owner = owner;
        this.values = new TreeMap<>(values);
    }

    /**
     * Reads a text.
     *
     * @param name the setting
     * @param defaultValue its value when it is not set; may be null
     * @return the value
     */
    public String text(String name, String defaultValue) {
        known.add(name);
        return values.getOrDefault(name, defaultValue);
    }

    /**
     * Tells whether a setting is set.
     *
     * @param name the setting
     * @return true if it has a value
     */
    public boolean isSet(String name) {
        return text(name, null) != null;
    }

    /**
     * Reads a path.
     *
     * @param name the setting, which is set
     * @return the path
     * @throws IllegalArgumentException if the value is blank, or no path
     */
    public Path path(String name) {
        return path(name, text(name, ""));
    }

    /**
     * Reads a list of named paths, {@code name:path,name:path}. A comma begins another one only
     * where a name and a colon follow, so that paths may have commas.
     *
     * @param name the setting
     * @param of what the paths are of, for messages
     * @return the paths by their names, in order
     * @throws IllegalArgumentException if there are none, or one has no name or that of another
     */
    public Map<String, Path> paths(String name, String of) {
        String value = text(name, null);
        Map<String, Path> paths = new LinkedHashMap<>();
        for (String entry : (value == null ? "" : value).split(NEXT_NAME)) {
            int colon = entry.indexOf(':');
            if (colon < 1 || colon == entry.length() - 1) {
                throw new IllegalArgumentException(
                        name
                                + " = "
                                + (value == null ? null : "'" + value + "'")
                                + ", must be name:path,name:path of "
                                + of);
            }
            String named = entry.substring(0, colon).strip();
            if (paths.put(named, path(name, entry.substring(colon + 1))) != null) {
                throw new IllegalArgumentException(
                        name + " = '" + value + "' names '" + named + "' twice");
            }
        }
        return paths;
    }

    private Path path(String name, String value) {
        try {
            if (!value.isBlank()) {
                return Path.of(value.strip());
            }
        } catch (InvalidPathException e) {
            // falls through to the message
        }
        throw malformed(name, value, "a path; name a file or a directory");
    }

    /**
     * Reads a whole number.
     *
     * @param name the setting
     * @param defaultValue its value when it is not set
     * @return the value
     * @throws IllegalArgumentException if the value is not a whole number
     */
    public long integer(String name, long defaultValue) {
        String value = text(name, null);
        try {
            return value == null ? defaultValue : Long.parseLong(value.strip());
        } catch (NumberFormatException e) {
            throw malformed(name, value, "a whole number");
        }
    }

    /**
     * Reads a number.
     *
     * @param name the setting
     * @param defaultValue its value when it is not set
     * @return the value
     * @throws IllegalArgumentException if the value is not a finite number
     */
    public double decimal(String name, double defaultValue) {
        String value = text(name, null);
        return value == null ? defaultValue : parseDecimal(name, value);
    }

    /**
     * Reads a list of numbers, separated by commas.
     *
     * @param name the setting
     * @param defaultValue its value when it is not set; may be empty
     * @return the value
     * @throws IllegalArgumentException if an element is not a finite number
     */
    public double[] decimals(String name, double... defaultValue) {
        String value = text(name, null);
        return value == null
                ? defaultValue.clone()
                : Arrays.stream(value.split(",")).mapToDouble(v -> parseDecimal(name, v)).toArray();
    }

    /**
     * Reads yes or no.
     *
     * @param name the setting
     * @param defaultValue its value when it is not set
     * @return the value
     * @throws IllegalArgumentException if the value is neither {@code true} nor {@code false}
     */
    public boolean flag(String name, boolean defaultValue) {
        String value = text(name, null);
        if (value == null) {
            return defaultValue;
        }
        return switch (value.strip().toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw malformed(name, value, "true or false");
        };
    }

    /**
     * Reads one of an enum's constants, in lower case.
     *
     * @param <E> the enum
     * @param name the setting
     * @param defaultValue its value when it is not set
     * @return the value
     * @throws IllegalArgumentException listing the constants, if the value is none of them
     */
    public <E extends Enum<E>> E choice(String name, E defaultValue) {
        String value = text(name, null);
        if (value == null) {
            return defaultValue;
        }
        E[] constants = defaultValue.getDeclaringClass().getEnumConstants();
        for (E constant : constants) {
            if (lower(constant).equals(value.strip().toLowerCase(Locale.ROOT))) {
                return constant;
            }
        }
        throw malformed(
                name,
                value,
                "one of "
                        + Arrays.stream(constants)
                                .map(Settings::lower)
                                .collect(Collectors.joining(", ")));
    }

    /**
     * Refuses settings that were set but never read.
     *
     * @throws IllegalArgumentException naming them, the known ones, and the closest known name
     */
    public void requireAllRead() {
        Set<String> unknown = new TreeSet<>(values.keySet());
        unknown.removeAll(known);
        if (unknown.isEmpty()) {
            return;
        }
        String first = unknown.iterator().next();
        String hint = closest(first, known);
        throw new IllegalArgumentException(
                owner
                        + " has no setting "
                        + unknown.stream().map(n -> "'" + n + "'").collect(Collectors.joining(", "))
                        + (hint == null ? "; known: " : "; did you mean '" + hint + "'? Known: ")
                        + known);
    }

    /** The most similar of some names, or null if none is at all similar. */
    static String closest(String name, Set<String> names) {
        return names.stream()
                .filter(known -> distance(name, known) <= Math.max(2, name.length() / 3))
                .min(Comparator.comparingInt(known -> distance(name, known)))
                .orElse(null);
    }

    /** Levenshtein's distance. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        Arrays.setAll(row, j -> j);
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substitute = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substitute, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }

    private double parseDecimal(String name, String value) {
        try {
            double number = Double.parseDouble(value.strip());
            if (Double.isFinite(number)) {
                return number;
            }
        } catch (NumberFormatException e) {
            // falls through to the message
        }
        throw malformed(name, value, "a finite number");
    }

    private IllegalArgumentException malformed(String name, String value, String wanted) {
        return new IllegalArgumentException(
                owner + ": setting " + name + " = '" + value + "' is not " + wanted);
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
