package org.dataflex.examples.selectfortarget;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.dataflex.data.ByteTokens;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.Domain;
import org.dataflex.data.SampleSet;
import org.dataflex.data.TokenSequences;
import org.dataflex.examples.corpus.LabelledText;
import org.junit.jupiter.api.Test;

/** No text is in two of candidates, target sets and held-out samples. */
class TargetDataTest {

    private static List<LabelledText> texts() {
        List<LabelledText> texts = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            texts.add(new LabelledText("own " + i, "own"));
            texts.add(new LabelledText("other " + i, "other"));
            texts.add(new LabelledText("own " + i, "repeated"));
        }
        return texts;
    }

    private static List<String> texts(SampleSet samples) {
        TokenSequences sequences = (TokenSequences) samples;
        List<String> texts = new ArrayList<>();
        for (long i = 0; i < sequences.size(); i++) {
            texts.add(ByteTokens.decode(sequences.ids(i)));
        }
        return texts;
    }

    @Test
    void split_sharesNoText() throws Exception {
        TargetData data = TargetData.split(texts(), "own", new TargetData.Sizes(48, 1000, 3));
        Set<String> reserved = new HashSet<>(texts(data.heldOut()));
        data.targets().forEach(targets -> reserved.addAll(texts(targets)));
        assertEquals(50 + 3 * TargetData.TARGETS, reserved.size());
        assertTrue(reserved.stream().allMatch(text -> text.startsWith("own ")));
        CandidatePool pool = data.pool();
        assertEquals(List.of(new Domain("other"), new Domain("own")), pool.domains());
        assertEquals(54, data.ownCandidates());
        assertEquals(254, pool.size());
    }

    @Test
    void split_limit_takesARandomPartOfAll() throws Exception {
        TargetData data = TargetData.split(texts(), "own", new TargetData.Sizes(48, 100, 1));
        assertEquals(100, data.pool().size());
        double share = data.ownCandidates() / 100.0; // 118 of 318 before the limit
        assertTrue(Math.abs(share - 118 / 318.0) < 0.2, () -> "share " + share);
    }

    @Test
    void split_longText_isCut() throws Exception {
        List<LabelledText> texts = texts();
        texts.replaceAll(t -> new LabelledText(t.text() + "x".repeat(100), t.category()));
        TargetData data = TargetData.split(texts, "own", new TargetData.Sizes(20, 1000, 1));
        assertEquals(20, data.heldOut().length(0));
    }
}
