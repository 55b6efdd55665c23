package org.dataflex.examples.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleHistoryTest {

    @TempDir Path directory;

    @Test
    void of_chosenSample_hasScoreRankDrawsAndWeights() throws Exception {
        SampleHistory history = SampleHistory.of(WrittenRun.whole(directory, 1, 0), 5);
        Verdict verdict = history.updates().get(0).verdict();
        assertEquals(new Verdict(true, 0.9, 1, 4, "chosen: above the cut of 0.7000"), verdict);
        assertEquals(2, history.draws().size());
        assertEquals(new SampleHistory.Draw(1, 1.5), history.draws().get(0));
        assertTrue(history.text().contains("Chosen in 1 of 1 selections"), history.text());
        assertTrue(history.text().contains("mean weight 1.375"), history.text());
        assertTrue(history.text().contains("1 (1.500) 2 (1.250)"), history.text());
    }

    @Test
    void of_otherSamples_saysWhyNot() throws Exception {
        WrittenRun.whole(directory, 1, 0);
        assertEquals("chosen: at the cut of 0.7000", reason(1));
        assertEquals("not chosen: below the cut of 0.7000", reason(2));
        assertEquals("not chosen: it was not among the 4 candidates", reason(4));
        SampleHistory ofOtherDomain = SampleHistory.of(directory, 6);
        assertEquals(0, ofOtherDomain.updates().size());
        assertTrue(ofOtherDomain.text().contains("No selector has decided about it"));
    }

    @Test
    void of_lowestChosenOrNeither_saysSo() throws Exception {
        WrittenRun run = new WrittenRun(directory).start(0, 1);
        run.selection(0, "0,0.1,1\n1,0.2,1\n2,0.2,0\n3,0.9,0\n", 2);
        assertEquals("chosen: below the cut of 0.2000", reason(0));
        assertEquals("not chosen: at the cut of 0.2000, and others came first", reason(2));
        assertEquals("not chosen: above the cut of 0.2000", reason(3));
        run.selection(1, "1,0.5,1\n2,0.6,1\n0,0.1,0\n3,NaN,0\n5,0.9,0\n", 2);
        String last = SampleHistory.of(directory, 0).updates().get(1).verdict().reason();
        assertEquals(
                "not chosen: not by rank alone; scores of the chosen are 0.5000 to 0.6000", last);
        last = SampleHistory.of(directory, 3).updates().get(1).verdict().reason();
        assertEquals("not chosen: its score was not a number", last);
    }

    @Test
    void of_chosenSampleThatTheMixerKeptOut_saysSo() throws Exception {
        WrittenRun run = new WrittenRun(directory).start(0, 1).mixture(0);
        run.selection(0, "5,0.9,1\n1,0.7,1\n0,0.6,1\n2,0.5,0\n", 3);
        run.step(1, 2, "[5,6]").step(2, 2, "[1,7]");
        run.selection(2, "5,0.9,1\n1,0.7,0\n0,0.1,0\n2,0.5,0\n", 1).step(3, 2, "[5,6]");
        SampleHistory left = SampleHistory.of(directory, 0);
        assertEquals(new SampleHistory.DomainShare(2, 4, 3), left.updates().get(0).share());
        assertTrue(
                left.text()
                        .contains(
                                "drawn until step 2: never"
                                        + System.lineSeparator()
                                        + "    the mixer gave its domain 2 of 4 rows, too few for"
                                        + " the 3 samples chosen: 1 of them were not drawn"),
                left.text());
        String drawn = SampleHistory.of(directory, 5).text();
        assertTrue(
                drawn.contains("the mixer gave its domain 1 of 2 rows, for 1 samples chosen"),
                drawn);
    }

    @Test
    void of_choiceFromAWholePool_hasNoShare() throws Exception {
        WrittenRun run = new WrittenRun(directory).start(0, 1);
        run.selection(0, "5,0.9,1\n1,0.7,1\n", 2).step(1, 2, "[5,1]").end(1);
        assertNull(SampleHistory.of(directory, 5).updates().get(0).share());
    }

    @Test
    void of_selectionWithoutScores_saysSo() throws Exception {
        new WrittenRun(directory).start(0, 1).selection(0, "0,,1\n1,,1\n", 2);
        assertEquals("chosen, without a score", reason(0));
        assertEquals("not chosen; 2 of the 4 candidates were, without scores", reason(2));
    }

    @Test
    void of_sampleOutsideThePool_isRefused() throws Exception {
        WrittenRun.whole(directory, 1, 0);
        String message =
                assertThrows(IllegalArgumentException.class, () -> SampleHistory.of(directory, 10))
                        .getMessage();
        assertEquals(
                "sample = 10 is outside the pool of " + directory + ", whose positions are 0 to 9",
                message);
    }

    private String reason(long sample) throws Exception {
        return SampleHistory.of(directory, sample).updates().get(0).verdict().reason();
    }
}
