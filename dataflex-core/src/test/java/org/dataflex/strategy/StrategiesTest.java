package org.dataflex.strategy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import java.util.Set;
import org.dataflex.data.SampleIndices;
import org.junit.jupiter.api.Test;

class StrategiesTest {

    /** A provider of the test class path, see META-INF/services. */
    public static final class FirstProvider implements StrategyProvider<Selector> {

        @Override
        public Class<Selector> kind() {
            return Selector.class;
        }

        @Override
        public String name() {
            return "first";
        }

        @Override
        public Selector create(Settings settings) {
            int offset = (int) settings.integer("offset", 0);
            settings.flag("reverse", false);
            if (offset < 0) {
                throw new IllegalArgumentException("offset = " + offset + ", must be at least 0");
            }
            return context -> Selection.of(SampleIndices.range(offset, offset + context.budget()));
        }
    }

    private enum Colour {
        RED,
        DARK_BLUE
    }

    @Test
    void create_byName_readsSettings() {
        Selector selector =
                Strategies.create(
                        Selector.class, "first", Map.of("offset", "7", "reverse", "true"));
        assertEquals("custom", selector.name());
        assertEquals(Set.of("first"), Strategies.names(Selector.class));
        assertEquals(Set.of(), Strategies.names(Mixer.class));
    }

    @Test
    void create_unknownName_listsTheKnownAndTheClosest() {
        refused(
                () -> Strategies.create(Selector.class, "frist", Map.of()),
                "no selector named 'frist'; did you mean 'first'? The class path has [first]. Is"
                        + " dataflex-selectors a dependency?");
        refused(
                () -> Strategies.create(Mixer.class, "doremi", Map.of()),
                "no mixer named 'doremi'; the class path has []. Is dataflex-mixers a dependency?");
    }

    @Test
    void create_unknownSetting_isNamed() {
        refused(
                () -> Strategies.create(Selector.class, "first", Map.of("ofset", "7")),
                "selector 'first' has no setting 'ofset'; did you mean 'offset'? Known: [offset,"
                        + " reverse]");
        refused(
                () -> Strategies.create(Selector.class, "first", Map.of("temperature", "7")),
                "selector 'first' has no setting 'temperature'; known: [offset, reverse]");
    }

    @Test
    void create_malformedSetting_isNamed() {
        refused(
                () -> Strategies.create(Selector.class, "first", Map.of("offset", "many")),
                "selector 'first': setting offset = 'many' is not a whole number");
        refused(
                () -> Strategies.create(Selector.class, "first", Map.of("offset", "-1")),
                "selector 'first': offset = -1, must be at least 0");
    }

    @Test
    void settings_areReadByType() {
        Settings settings =
                new Settings(
                        "x",
                        Map.of(
                                "n",
                                " 3 ",
                                "d",
                                "1e-3",
                                "l",
                                "0.5, 1",
                                "f",
                                "TRUE",
                                "c",
                                "dark_blue",
                                "t",
                                "text"));
        assertEquals(3, settings.integer("n", 0));
        assertEquals(1e-3, settings.decimal("d", 0));
        assertArrayEquals(new double[] {0.5, 1}, settings.decimals("l"));
        assertEquals(true, settings.flag("f", false));
        assertEquals(Colour.DARK_BLUE, settings.choice("c", Colour.RED));
        assertEquals("text", settings.text("t", ""));
        assertEquals(true, settings.isSet("t"));
        assertEquals(false, settings.isSet("u"));
        settings.requireAllRead();
    }

    @Test
    void settings_thatAreNotSet_haveTheirDefaults() {
        Settings settings = new Settings("x", Map.of());
        assertEquals(4, settings.integer("n", 4));
        assertEquals(0.1, settings.decimal("d", 0.1));
        assertArrayEquals(new double[] {2}, settings.decimals("l", 2));
        assertEquals(true, settings.flag("f", true));
        assertEquals(Colour.RED, settings.choice("c", Colour.RED));
        assertEquals(null, settings.text("t", null));
    }

    @Test
    void settings_malformed_areNamed() {
        Settings settings =
                new Settings("x", Map.of("d", "NaN", "l", "1,two", "f", "yes", "c", "green"));
        refused(() -> settings.decimal("d", 0), "x: setting d = 'NaN' is not a finite number");
        refused(() -> settings.decimals("l"), "x: setting l = 'two' is not a finite number");
        refused(() -> settings.flag("f", true), "x: setting f = 'yes' is not true or false");
        refused(
                () -> settings.choice("c", Colour.RED),
                "x: setting c = 'green' is not one of red, dark_blue");
    }

    private static void refused(Runnable call, String message) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call::run).getMessage());
    }
}
