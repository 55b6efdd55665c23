package org.dataflex.examples.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.dataflex.examples.page.Series;
import org.junit.jupiter.api.Test;

class AmountsTest {

    @Test
    void shares_areOfAStretch_allAlongIt() {
        Amounts rows = new Amounts(List.of("a", "b"));
        rows.add(1, Map.of("a", 3, "b", 1));
        rows.add(2, Map.of("b", 4));
        List<Series> shares = rows.shares();
        assertEquals("a", shares.get(0).name());
        assertArrayEquals(new double[] {0, 1, 1, 2}, shares.get(0).x());
        assertArrayEquals(new double[] {0.75, 0.75, 0, 0}, shares.get(0).y());
        assertArrayEquals(new double[] {0.25, 0.25, 1, 1}, shares.get(1).y());
    }
}
