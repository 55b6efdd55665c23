package org.dataflex.strategy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {

    private static Settings of(String value) {
        return new Settings("selector 'x'", value == null ? Map.of() : Map.of("sets", value));
    }

    private static Map<String, Path> paths(String value) {
        return of(value).paths("sets", "token files");
    }

    private static void assertRefused(String message, String value) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> paths(value)).getMessage());
    }

    @Test
    void paths_mayHaveCommas() {
        assertEquals(
                Map.of("a", Path.of("x, y/1,2.tokens"), "b", Path.of("c,d")),
                paths("a:x, y/1,2.tokens, b : c,d"));
        assertEquals(
                List.of("law", "art"), List.copyOf(paths("law:1.tokens,art:2.tokens").keySet()));
        assertEquals(Map.of("a", Path.of("C:/x"), "b", Path.of("D:/y")), paths("a:C:/x,b:D:/y"));
    }

    @Test
    void paths_ofAnotherForm_areRefused() {
        String form = ", must be name:path,name:path of token files";
        assertRefused("sets = null" + form, null);
        for (String bad : List.of("a", ":x", "a:", "a:x,b:")) {
            assertRefused("sets = '" + bad + "'" + form, bad);
        }
        assertRefused("sets = 'a:x,a:y' names 'a' twice", "a:x,a:y");
        assertRefused(
                "selector 'x': setting sets = ' ' is not a path; name a file or a directory",
                "a: ");
        assertRefused(
                "selector 'x': setting sets = '\0' is not a path; name a file or a directory",
                "a:\0");
    }

    @Test
    void path_isStripped_andNotBlank() {
        assertEquals(Path.of("x"), of(" x ").path("sets"));
        assertEquals(
                "selector 'x': setting sets = '' is not a path; name a file or a directory",
                assertThrows(IllegalArgumentException.class, () -> of("").path("sets"))
                        .getMessage());
    }
}
