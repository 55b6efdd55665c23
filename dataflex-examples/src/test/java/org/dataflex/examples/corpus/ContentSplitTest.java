package org.dataflex.examples.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ContentSplitTest {

    @Test
    void sides_thousandDocuments_holdOutAboutOneInTen() {
        ContentSplit split = splitOf(IntStream.range(0, 1_000).toArray());
        int heldOut = split.heldOut(Integer.MAX_VALUE).size();
        assertTrue(heldOut > 70 && heldOut < 130, "held out " + heldOut);
        assertEquals(1_000 - heldOut, split.training(Integer.MAX_VALUE).size());
    }

    @Test
    void sides_otherOrderAndDuplicates_areEqual() {
        ContentSplit forwards = splitOf(1, 2, 3, 4, 5, 6);
        ContentSplit backwards = splitOf(6, 5, 5, 4, 3, 2, 1, 1);
        assertEquals(forwards.training(Integer.MAX_VALUE), backwards.training(Integer.MAX_VALUE));
        assertEquals(forwards.heldOut(Integer.MAX_VALUE), backwards.heldOut(Integer.MAX_VALUE));
    }

    @Test
    void training_limit_countsBytesOfUtf8() {
        ContentSplit split = new ContentSplit();
        split.add("ä");
        List<String> both =
                List.copyOf(split.training(2).isEmpty() ? split.heldOut(2) : split.training(2));
        assertEquals(List.of("ä"), both);
        assertTrue(split.training(1).isEmpty() && split.heldOut(1).isEmpty());
    }

    private static ContentSplit splitOf(int... numbers) {
        ContentSplit split = new ContentSplit();
        for (int number : numbers) {
            split.add("document " + number);
        }
        return split;
    }
}
