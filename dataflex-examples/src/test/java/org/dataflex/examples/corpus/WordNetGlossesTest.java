package org.dataflex.examples.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** A line of WordNet becomes a labelled gloss, and all of them have 45 categories. */
class WordNetGlossesTest {

    @Test
    void gloss_isTheDefinitionWithItsLexicographerFile() {
        assertEquals(
                new LabelledText("a light fall; brief", "verb.weather"),
                WordNetGlosses.gloss(
                        "00001 43 v 01 rain 0 000 | a light fall; brief; \"it rained\"  "));
        assertEquals(
                new LabelledText("\"quoted\" alone", "adj.all"),
                WordNetGlosses.gloss("00002 00 a 01 x 0 000 | \"quoted\" alone"));
    }

    @Test
    void gloss_badLine_isNamed() {
        for (String line : List.of("00001 43 v 01 rain 0 000", "00001 45 v 01 | a", "1 x v | a")) {
            assertEquals(
                    "WordNet line without a gloss or a known lexicographer file: " + line,
                    assertThrows(IllegalArgumentException.class, () -> WordNetGlosses.gloss(line))
                            .getMessage());
        }
    }

    @Test
    void load_hasAllCategories() throws Exception {
        List<LabelledText> glosses = WordNetGlosses.load();
        assertEquals(45, glosses.stream().map(LabelledText::category).distinct().count());
        assertTrue(glosses.size() > 100_000, () -> glosses.size() + " glosses");
        LabelledText abalone =
                glosses.stream()
                        .filter(g -> g.text().startsWith("any of various large edible marine"))
                        .findFirst()
                        .orElseThrow();
        assertEquals("noun.animal", abalone.category());
    }
}
