package org.dataflex.strategy;

/**
 * Makes a strategy by name; found with {@link java.util.ServiceLoader}.
 *
 * @param <S> the kind made
 */
public interface StrategyProvider<S extends Strategy> {

    /**
     * Returns the kind made.
     *
     * @return such as {@code Selector.class}
     */
    Class<S> kind();

    /**
     * Returns the name, unique within the kind.
     *
     * @return lower-case kebab, such as {@code less} or {@code delta-loss}
     */
    String name();

    /**
     * Makes the strategy.
     *
     * @param settings what to make it with; a setting that the provider does not read is reported
     *     by {@link Strategies#create}
     * @return a new strategy
     * @throws IllegalArgumentException naming the setting that is malformed
     */
    S create(Settings settings);
}
