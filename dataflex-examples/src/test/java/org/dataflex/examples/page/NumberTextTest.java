package org.dataflex.examples.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NumberTextTest {

    @ParameterizedTest
    @CsvSource({
        "3.21, 4, 3.210",
        "-3.21, 2, \u22123.2",
        "0, 3, 0",
        "0.00012345, 2, 0.00012",
        "0.000012345, 3, 1.23e\u22125",
        "1234, 2, 1234",
        "12400, 3, 12\u202F400",
        "1234567.8, 4, 1\u202F234\u202F568",
        "12345678, 3, 1.23e7",
        "-1e20, 3, \u22121e20",
        "9.9996, 4, 10.00",
        "0.5, 1, 0.5",
        "NaN, 3, \u2013",
        "-Infinity, 3, \u2013",
    })
    void of_value_hasItsSignificantDigits(double value, int digits, String text) {
        assertEquals(text, NumberText.of(value, digits));
    }

    @ParameterizedTest
    @CsvSource({
        "3.5591, 0.2333, 4, 3.56 \u00B1 0.23",
        "24.36, 72.4, 4, 24 \u00B1 72",
        "1.46, 4.94, 4, 1.5 \u00B1 4.9",
        "-0.0912, 0.0764, 2, \u22120.091 \u00B1 0.076",
        "3.5591, 0.000012, 4, 3.559 \u00B1 1.2e\u22125",
        "3, 0, 4, 3.000 \u00B1 0",
        "3, NaN, 4, 3.000",
    })
    void of_meanAndInterval_isNotFinerThanTheInterval(
            double mean, double halfWidth, int digits, String text) {
        assertEquals(text, NumberText.of(mean, halfWidth, digits));
        assertTrue(NumberText.isNumber(text), text);
    }

    @Test
    void of_noDigits_throws() {
        assertThrows(IllegalArgumentException.class, () -> NumberText.of(1, 0));
    }

    @ParameterizedTest
    @CsvSource({
        "0.00, 0.00",
        "0E+2, 0",
        "0E-7, 0",
        "0.50, 0.50",
        "-25000, \u221225\u202F000",
        "2E+7, 2e7",
        "1.5E-6, 1.5e\u22126"
    })
    void exact_tick_keepsItsDecimals(BigDecimal value, String text) {
        assertEquals(text, NumberText.exact(value));
    }

    @Test
    void percent_proportion_hasOneDecimal() {
        assertEquals("12.5%", NumberText.percent(0.125));
        assertEquals("\u2013", NumberText.percent(Double.NaN));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1",
                "-5.3%",
                "\u22121.5e\u22127",
                "12\u202F400",
                "",
                "\u2013",
                "+2 %",
                "-5.3 +- 0.2"
            })
    void isNumber_number_isTrue(String cell) {
        assertEquals(true, NumberText.isNumber(cell));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1a", "uniform", "1 of 2", "e5"})
    void isNumber_text_isFalse(String cell) {
        assertEquals(false, NumberText.isNumber(cell));
    }
}
