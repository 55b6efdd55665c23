package org.dataflex.examples.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AxisTest {

    private static final Set<BigInteger> ROUND =
            Set.of(BigInteger.ONE, BigInteger.TWO, BigInteger.valueOf(5));

    @ParameterizedTest
    @CsvSource({
        "0, 1",
        "0, 300",
        "0.1, 0.3",
        "-7.3, 12.9",
        "1.9, 2.1",
        "1e-9, 3e-9",
        "0, 1.3e6",
        "-1, 0",
        "5, 5",
        "0, 0",
        "-1e100, 1e100",
        "1000000, 1000001",
        "0.30000000000000004, 0.7",
        "1e-320, 2e-320",
        "1e99, 1e99",
        "99.9, 100.1"
    })
    void covering_anyRange_hasRoundTicksThatCoverIt(double low, double high) {
        for (int intervals = 1; intervals <= 8; intervals++) {
            Axis axis = Axis.covering(low, high, intervals);
            List<BigDecimal> ticks = axis.ticks();
            assertTrue(axis.min() <= low && axis.max() >= high, axis.toString());
            assertTrue(ticks.size() >= 2 && ticks.size() <= intervals + 3, axis.toString());
            BigDecimal step = ticks.get(1).subtract(ticks.get(0));
            assertTrue(ROUND.contains(step.stripTrailingZeros().unscaledValue()), step.toString());
            for (int i = 0; i < ticks.size(); i++) {
                assertEquals(0, ticks.get(i).remainder(step).signum(), axis.toString());
                BigDecimal expected = ticks.get(0).add(step.multiply(BigDecimal.valueOf(i)));
                assertEquals(0, ticks.get(i).compareTo(expected), axis.toString());
            }
        }
    }

    @Test
    void covering_lossFromOneToFour_isExact() {
        Axis axis = Axis.covering(1.2, 3.9, 5);
        assertEquals(List.of("1", "2", "3", "4"), texts(axis));
        assertEquals(List.of("0.0", "0.5", "1.0"), texts(Axis.covering(0, 1, 2)));
        assertEquals(List.of("0.1", "0.2", "0.3"), texts(Axis.covering(0.1, 0.3, 2)));
        assertEquals(List.of("0", "100", "200", "300"), texts(Axis.covering(0, 300, 4)));
    }

    @Test
    void covering_nothing_isZeroToOne() {
        assertEquals(Axis.covering(0, 1, 5), Axis.covering(1, 0, 5));
    }

    @Test
    void fraction_endsAndMiddle_areZeroHalfOne() {
        Axis axis = Axis.covering(-10, 10, 4);
        assertEquals(0, axis.fraction(-10));
        assertEquals(0.5, axis.fraction(0));
        assertEquals(1, axis.fraction(10));
    }

    @Test
    void canShow_notFiniteOrHuge_isFalse() {
        assertTrue(Axis.canShow(-1e100));
        assertFalse(Axis.canShow(Double.NaN));
        assertFalse(Axis.canShow(Double.NEGATIVE_INFINITY));
        assertFalse(Axis.canShow(1e101));
    }

    private static List<String> texts(Axis axis) {
        return axis.ticks().stream().map(NumberText::exact).toList();
    }
}
