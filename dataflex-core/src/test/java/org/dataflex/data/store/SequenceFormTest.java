package org.dataflex.data.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.dataflex.data.store.SequenceForm.Sequence;
import org.dataflex.data.template.Template.EncodedTurn;
import org.junit.jupiter.api.Test;

/**
 * Expected values: LLaMA-Factory's {@code _encode_data_example} and {@code infer_seqlen}, by hand.
 */
class SequenceFormTest {

    /** A turn's text, such as "abc|de": lower case is the prompt, the rest the response. */
    private static List<EncodedTurn> turns(String... turns) {
        List<EncodedTurn> encoded = new ArrayList<>();
        for (String turn : turns) {
            int bar = turn.indexOf('|');
            encoded.add(
                    new EncodedTurn(
                            turn.substring(0, bar).chars().toArray(),
                            turn.substring(bar + 1).chars().toArray()));
        }
        return encoded;
    }

    /** Targets are written in upper case. */
    private static String show(Sequence sequence) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < sequence.ids().length; i++) {
            char c = (char) sequence.ids()[i];
            text.append(sequence.targets()[i] ? Character.toUpperCase(c) : c);
        }
        return text.toString();
    }

    private static String cut(int cutoff, String... turns) {
        return show(new SequenceForm(cutoff, TooLong.CUT, false, false).ofTurns(turns(turns)));
    }

    @Test
    void responsesAreTargets() {
        assertEquals("abCDefG", cut(99, "ab|cd", "ef|g"));
    }

    @Test
    void trainOnPrompt_makesAllTargets_maskHistoryOnlyTheLastTurn() {
        assertEquals(
                "ABCDEFG",
                show(
                        new SequenceForm(99, TooLong.CUT, true, false)
                                .ofTurns(turns("ab|cd", "ef|g"))));
        assertEquals(
                "abcdefG",
                show(
                        new SequenceForm(99, TooLong.CUT, false, true)
                                .ofTurns(turns("ab|cd", "ef|g"))));
    }

    @Test
    void cut_shortResponse_cutsThePrompt() {
        assertEquals("abcdefXY", cut(8, "abcdefgh|xy"));
    }

    @Test
    void cut_shortPrompt_cutsTheResponse() {
        assertEquals("abUVWXYZ", cut(8, "ab|uvwxyz12345"));
    }

    @Test
    void cut_bothLong_cutsInProportion() {
        // int(8 * 6 / (10 + 6)) = 3 tokens of the response
        assertEquals("abcdeUVW", cut(8, "abcdefghij|uvwxyz"));
    }

    @Test
    void cut_laterTurnsGetWhatIsLeft_andNothingWhenNoneIs() {
        assertEquals("abCDefGH", cut(8, "ab|cd", "ef|gh", "ij|kl"));
        assertEquals("abCDeG", cut(6, "ab|cd", "ef|gh"));
    }

    @Test
    void cut_withMaskedHistory_keepsTheLastTurns() {
        SequenceForm form = new SequenceForm(6, TooLong.CUT, false, true);
        assertEquals("acefGH", show(form.ofTurns(turns("ab|cd", "ef|gh"))));
    }

    @Test
    void text_isSplitIntoWindows_ofAtLeastTwoTokens() {
        SequenceForm form = new SequenceForm(4, TooLong.SPLIT, false, false);
        assertEquals(
                List.of("ABCD", "EFGH", "HI"),
                form.ofText("abcdefghi".chars().toArray()).stream()
                        .map(SequenceFormTest::show)
                        .toList());
        SequenceForm cut = new SequenceForm(4, TooLong.CUT, false, false);
        assertEquals(1, cut.ofText("abcdefghi".chars().toArray()).size());
    }
}
