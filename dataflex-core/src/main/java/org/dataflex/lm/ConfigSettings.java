package org.dataflex.lm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * The settings of a {@code config.json}, asked for by type: a value of another type, or out of its
 * range, is refused and never replaced in silence.
 *
 * <p>A key that is absent or null has the default that the caller names. A whole number may be
 * written with a point or an exponent, such as 64.0 or 1e5: JSON has one type for all numbers. What
 * is asked for again is refused once.
 */
final class ConfigSettings {

    private static final String WHOLE = "must be a whole number, at most " + Integer.MAX_VALUE;

    private final JsonNode json;
    private final Collection<String> refused;

    private ConfigSettings(JsonNode json, Collection<String> refused) {
        this.json = json;
        this.refused = refused;
    }

    /** Looks at an object; nothing is refused yet. */
    static ConfigSettings of(JsonNode json) {
        return new ConfigSettings(json, new LinkedHashSet<>());
    }

    /** Returns the value, or what has none if it is absent or null. */
    JsonNode get(String key) {
        JsonNode value = json.path(key);
        return value.isNull() ? MissingNode.getInstance() : value;
    }

    /** Tells whether there is a value of any type. */
    boolean has(String key) {
        return !get(key).isMissingNode();
    }

    /** Tells whether the key is there and null, where that is no default. */
    boolean isNull(String key) {
        return json.path(key).isNull();
    }

    int integer(String key, int absent) {
        JsonNode value = get(key);
        return isRight(key, isInteger(value), WHOLE) ? value.intValue() : absent;
    }

    double number(String key, double absent) {
        JsonNode value = get(key);
        boolean isFinite = value.isNumber() && Double.isFinite(value.doubleValue());
        return isRight(key, isFinite, "must be a finite number") ? value.doubleValue() : absent;
    }

    boolean flag(String key, boolean absent) {
        JsonNode value = get(key);
        return isRight(key, value.isBoolean(), "must be true or false")
                ? value.booleanValue()
                : absent;
    }

    String text(String key, String absent) {
        JsonNode value = get(key);
        return isRight(key, value.isTextual(), "must be text") ? value.textValue() : absent;
    }

    /** Returns the one whole number, the several of a list, or none. */
    List<Integer> integers(String key) {
        JsonNode value = get(key);
        List<JsonNode> all = new ArrayList<>();
        (value.isArray() ? value : List.of(value)).forEach(all::add);
        boolean isRight = all.stream().allMatch(ConfigSettings::isInteger);
        return isRight(key, isRight, WHOLE + ", or a list of them")
                ? all.stream().map(JsonNode::intValue).toList()
                : List.of();
    }

    /** Returns the elements of a list; none if it is absent. */
    List<JsonNode> list(String key) {
        List<JsonNode> elements = new ArrayList<>();
        if (isRight(key, get(key).isArray(), "must be a list")) {
            get(key).forEach(elements::add);
        }
        return elements;
    }

    /** Returns the settings of an object, whose wrong ones are refused with these. */
    ConfigSettings object(String key) {
        boolean isRight = isRight(key, get(key).isObject(), "must be an object");
        return new ConfigSettings(isRight ? get(key) : MissingNode.getInstance(), refused);
    }

    private static boolean isInteger(JsonNode value) {
        return value.canConvertToExactIntegral() && value.canConvertToInt();
    }

    /** Tells whether there is a value of the right type, and refuses one of a wrong type. */
    private boolean isRight(String key, boolean isOfType, String mend) {
        if (!isOfType && has(key)) {
            refuse(key, get(key), mend);
        }
        return isOfType;
    }

    void refuse(String key, Object value, String mend) {
        refuse(key + " = " + value + ": " + mend);
    }

    /** Refuses for what other classes found, a line each. */
    void refuse(String message) {
        message.lines().forEach(refused::add);
    }

    /** Returns what is wrong so far, a line each. */
    List<String> refused() {
        return List.copyOf(refused);
    }
}
