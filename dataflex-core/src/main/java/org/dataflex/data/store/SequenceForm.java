package org.dataflex.data.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.dataflex.data.template.Template.EncodedTurn;

/**
 * How encoded samples become sequences: which tokens are targets, and what is cut.
 *
 * <p>Of a conversation the responses are targets; with {@code trainOnPrompt} the prompts too, with
 * {@code maskHistory} only the last turn's. What does not fit is cut as in LLaMA-Factory ({@code
 * SupervisedDatasetProcessor}, {@code infer_seqlen}): turn by turn, from the last if history is
 * masked.
 *
 * @param cutoffLength tokens a sequence may have, at least 2
 * @param tooLong what becomes of a longer sample
 * @param trainOnPrompt whether prompts are targets
 * @param maskHistory whether only the last turn is a target
 */
record SequenceForm(int cutoffLength, TooLong tooLong, boolean trainOnPrompt, boolean maskHistory) {

    /** Token ids and which are targets. */
    record Sequence(int[] ids, boolean[] targets) {

        /** Whether a token that has one before it is a target: only such can be predicted. */
        boolean hasTarget() {
            for (int i = 1; i < targets.length; i++) {
                if (targets[i]) {
                    return true;
                }
            }
            return false;
        }
    }

    /** Tokens that are targets or not, all alike. */
    private record Segment(int[] ids, boolean isTarget) {}

    boolean isTooLong(List<EncodedTurn> turns) {
        return turns.stream().mapToLong(t -> t.prompt().length + t.response().length).sum()
                > cutoffLength;
    }

    /** The sequence of a conversation, cut if it is too long. */
    Sequence ofTurns(List<EncodedTurn> turns) {
        List<Segment> segments = new ArrayList<>();
        int room = cutoffLength;
        for (int i = 0; i < turns.size() && room > 0; i++) {
            EncodedTurn turn = turns.get(maskHistory ? turns.size() - 1 - i : i);
            int prompt = promptRoom(turn.prompt().length, turn.response().length, room);
            int response = Math.min(turn.response().length, room - prompt);
            List<Segment> both =
                    List.of(
                            new Segment(Arrays.copyOf(turn.prompt(), prompt), trainOnPrompt),
                            new Segment(
                                    Arrays.copyOf(turn.response(), response),
                                    !maskHistory || i == 0));
            segments.addAll(maskHistory ? 0 : segments.size(), both);
            room -= prompt + response;
        }
        return join(segments);
    }

    /** How many tokens of a prompt are kept where prompt and response have so much room. */
    private static int promptRoom(int prompt, int response, int room) {
        int responseRoom;
        if (2L * response < room) {
            responseRoom = room;
        } else if (2L * prompt < room) {
            responseRoom = room - prompt;
        } else {
            responseRoom = (int) (room * (response / ((double) prompt + response)));
        }
        return Math.min(prompt, room - Math.min(responseRoom, response));
    }

    private static Sequence join(List<Segment> segments) {
        int length = segments.stream().mapToInt(segment -> segment.ids().length).sum();
        Sequence joined = new Sequence(new int[length], new boolean[length]);
        int at = 0;
        for (Segment segment : segments) {
            int n = segment.ids().length;
            System.arraycopy(segment.ids(), 0, joined.ids(), at, n);
            Arrays.fill(joined.targets(), at, at + n, segment.isTarget());
            at += n;
        }
        return joined;
    }

    /** The sequences of a text: one, or where it is too long and is to be split, several. */
    List<Sequence> ofText(int[] ids) {
        List<Sequence> sequences = new ArrayList<>();
        int start = 0;
        do {
            int end = Math.min(start + cutoffLength, ids.length);
            if (end - start == 1 && start > 0) {
                start--; // a token by itself has nothing before it to be predicted from
            }
            boolean[] targets = new boolean[end - start];
            Arrays.fill(targets, true);
            sequences.add(new Sequence(Arrays.copyOfRange(ids, start, end), targets));
            start = end;
        } while (start < ids.length && tooLong == TooLong.SPLIT);
        return sequences;
    }
}
