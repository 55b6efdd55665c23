package org.dataflex.examples.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class WordNetEntriesTest {

    @Test
    void toText_licenceAndTwoSenses_givesTwoEntries() {
        String file =
                "  1 licence | text  \n"
                        + "00002137 03 n 02 cloud_nine 0 bliss 1 001 @ 00001740 n 0000 | joy  \n"
                        + "00014490 00 s 01 galore(ip) 0 000 | very many; \"a | b\"  \n";
        assertEquals(
                "cloud nine, bliss: joy\ngalore: very many; \"a | b\"\n",
                WordNetEntries.toText(file));
    }

    @Test
    void toText_hexadecimalCount_isUnderstood() {
        String words = "w 0 ".repeat(10);
        assertEquals(
                "w, ".repeat(9) + "w: g\n",
                WordNetEntries.toText("00000001 03 n 0a " + words + "000 | g\n"));
    }

    @Test
    void toText_lineWithoutGloss_throws() {
        assertThrows(
                IllegalArgumentException.class,
                () -> WordNetEntries.toText("00000001 03 n 01 w\n"));
    }
}
