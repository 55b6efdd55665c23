package org.dataflex.internal;

import java.util.Arrays;
import java.util.List;
import org.dataflex.data.Domain;
import org.dataflex.data.SampleIndices;
import org.dataflex.strategy.Mixture;
import org.dataflex.strategy.SampleWeights;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.TokenWeights;

/** Refuses answers that a strategy's interface forbids. */
final class AnswerCheck {

    private AnswerCheck() {}

    /** A strategy's answer that its interface forbids. */
    static final class BrokenContract extends RuntimeException {

        private static final long serialVersionUID = 1L;

        BrokenContract(String problem) {
            super(problem);
        }
    }

    static Mixture require(Mixture answer, List<Domain> domains) {
        requireAnswer(answer);
        String mismatch = SettingsCheck.mismatch(answer, domains);
        if (mismatch != null) {
            throw new BrokenContract("returned a mixture of other domains; " + mismatch);
        }
        return answer;
    }

    static SampleWeights require(SampleWeights answer, SampleIndices batch) {
        requireAnswer(answer);
        if (answer.size() != batch.size()) {
            throw new BrokenContract(
                    "returned " + answer.size() + " weights for " + batch.size() + " samples");
        }
        return answer;
    }

    /** Requires a weight for each of the target tokens, whose losses are given. */
    static TokenWeights require(TokenWeights answer, float[][] losses) {
        requireAnswer(answer);
        if (answer.size() != losses.length) {
            throw new BrokenContract(
                    "returned weights of "
                            + answer.size()
                            + " samples for a batch of "
                            + losses.length);
        }
        for (int i = 0; i < losses.length; i++) {
            if (answer.get(i).length != losses[i].length) {
                throw new BrokenContract(
                        "returned %d weights for the %d target tokens of sample %d of the batch"
                                .formatted(answer.get(i).length, losses[i].length, i));
            }
        }
        return answer;
    }

    /** Requires exactly {@code budget} distinct samples of the candidates, which ascend. */
    static Selection require(Selection answer, SampleIndices candidates, int budget) {
        requireAnswer(answer);
        if (answer.indices().size() != budget) {
            throw new BrokenContract(
                    "returned " + answer.indices().size() + " of " + budget + " samples");
        }
        long[] sorted = answer.indices().toArray();
        Arrays.sort(sorted);
        for (int i = 0; i < sorted.length; i++) {
            if (!contains(candidates, sorted[i])) {
                throw new BrokenContract(
                        "returned sample "
                                + sorted[i]
                                + ", which is not among its "
                                + candidates.size()
                                + " candidates");
            }
            if (i > 0 && sorted[i] == sorted[i - 1]) {
                throw new BrokenContract("returned sample " + sorted[i] + " more than once");
            }
        }
        return answer;
    }

    /** Binary search. */
    private static boolean contains(SampleIndices ascending, long position) {
        int low = 0;
        int high = ascending.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            long found = ascending.get(middle);
            if (found == position) {
                return true;
            }
            if (found < position) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return false;
    }

    private static void requireAnswer(Object answer) {
        if (answer == null) {
            throw new BrokenContract("returned null");
        }
    }
}
