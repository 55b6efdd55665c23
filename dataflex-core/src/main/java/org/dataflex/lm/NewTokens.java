package org.dataflex.lm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.dataflex.model.GenerationOptions;

/** The tokens that a batch's rows were given, and which rows go on. */
final class NewTokens {

    private final GenerationOptions options;
    private final List<int[]> tokens = new ArrayList<>(); // by step
    private final int[] lengths;
    private final boolean[] isStopped;

    NewTokens(int numRows, GenerationOptions options) {
        this.options = options;
        lengths = new int[numRows];
        isStopped = new boolean[numRows];
    }

    /** Gives the rows that go on their next token; the others keep their last as a filler. */
    void add(IntUnaryOperator choices) {
        int[] next = tokens.isEmpty() ? new int[lengths.length] : last().clone();
        for (int row = 0; row < next.length; row++) {
            if (!isStopped[row]) {
                next[row] = choices.applyAsInt(row);
                lengths[row]++;
                isStopped[row] = options.stopTokens().contains(next[row]);
            }
        }
        tokens.add(next);
    }

    /** The last token of each row. */
    int[] last() {
        return tokens.get(tokens.size() - 1);
    }

    /** How many steps were made. */
    int size() {
        return tokens.size();
    }

    boolean areComplete() {
        boolean areStopped = true;
        for (boolean one : isStopped) {
            areStopped &= one;
        }
        return areStopped || tokens.size() == options.maxNewTokens();
    }

    /** A row's tokens, up to the one that stopped it. */
    int[] of(int row) {
        int[] all = tokens.stream().mapToInt(step -> step[row]).toArray();
        return Arrays.copyOf(all, lengths[row]);
    }
}
