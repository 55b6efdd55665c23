package org.dataflex.examples.config;

import java.util.Map;
import java.util.TreeMap;
import org.dataflex.UpdateSchedule;
import org.dataflex.strategy.Strategies;
import org.dataflex.strategy.Strategy;

/**
 * A strategy that a file names, with its settings and schedule.
 *
 * @param name as {@link Strategies} knows it
 * @param settings its settings
 * @param schedule when it is asked
 */
public record NamedStrategy(String name, Map<String, String> settings, UpdateSchedule schedule) {

    /**
     * Makes the strategy.
     *
     * @param <S> its kind
     * @param kind its kind
     * @return a new strategy
     * @throws IllegalArgumentException if there is none of this name, or a setting is wrong
     */
    public <S extends Strategy> S create(Class<S> kind) {
        return Strategies.create(kind, name, settings);
    }

    /**
     * Returns this strategy without a setting.
     *
     * @param setting its name
     * @return the strategy
     */
    public NamedStrategy without(String setting) {
        Map<String, String> fewer = new TreeMap<>(settings);
        fewer.remove(setting);
        return new NamedStrategy(name, fewer, schedule);
    }

    /**
     * Returns this strategy with a setting that the file leaves to the run.
     *
     * @param setting its name
     * @param value its value
     * @return the strategy; the same if the file has set it
     */
    public NamedStrategy withDefault(String setting, String value) {
        if (settings.containsKey(setting)) {
            return this;
        }
        Map<String, String> more = new TreeMap<>(settings);
        more.put(setting, value);
        return new NamedStrategy(name, more, schedule);
    }
}
