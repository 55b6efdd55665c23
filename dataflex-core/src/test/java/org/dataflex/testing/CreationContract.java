package org.dataflex.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.dataflex.strategy.Strategies;
import org.dataflex.strategy.Strategy;

/**
 * Makes strategies of one kind by name, and checks what is refused; a module's tests extend it.
 *
 * @param <S> the kind
 */
public abstract class CreationContract<S extends Strategy> {

    private final Class<S> kind;

    /**
     * Names the kind.
     *
     * @param kind {@code Selector.class}, {@code Mixer.class} or {@code Weighter.class}
     */
    protected CreationContract(Class<S> kind) {
        this.kind = kind;
    }

    /**
     * Makes a strategy.
     *
     * @param name its name
     * @param settings its settings
     * @return a new strategy
     */
    protected final S create(String name, Map<String, String> settings) {
        return Strategies.create(kind, name, settings);
    }

    /**
     * Asserts that settings are refused.
     *
     * @param message the whole message
     * @param name the strategy
     * @param settings the settings
     */
    protected final void assertRefused(String message, String name, Map<String, String> settings) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> create(name, settings))
                        .getMessage());
    }

    /**
     * Asserts that a setting is not known.
     *
     * @param start how the message begins
     * @param name the strategy
     * @param setting the setting
     */
    protected final void assertUnknown(String start, String name, String setting) {
        String message =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> create(name, Map.of(setting, "1")))
                        .getMessage();
        assertTrue(message.startsWith(start), message);
    }
}
