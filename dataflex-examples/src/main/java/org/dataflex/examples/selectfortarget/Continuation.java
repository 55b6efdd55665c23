package org.dataflex.examples.selectfortarget;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.dataflex.data.ByteTokens;
import org.dataflex.data.TokenSequences;
import org.dataflex.selectors.NiceSelector;
import org.dataflex.selectors.Prompt;
import org.dataflex.selectors.Tokenizer;
import org.dataflex.selectors.reward.Answer;
import org.dataflex.selectors.reward.Reward;
import org.dataflex.strategy.Selector;

/**
 * A target set as a task for NICE: go on with the first half of a text. An answer is worth how much
 * it is like the second half, in runs of 1 to 3 characters, so that a decoder that finds no whole
 * word right earns something too.
 *
 * <p>The reward is a character n-gram F-score, of n to 3 and beta 1 (<a
 * href="https://aclanthology.org/W15-3049">Popovic 2015</a>).
 */
final class Continuation implements Reward {

    private static final int LONGEST = 3;
    private static final int ANSWERS = 8;

    /** Makes NICE, which tells better from worse answers by the mean of a prompt's others. */
    static Selector nice(String subtask, TokenSequences targets, int length) {
        return NiceSelector.builder()
                .setTokenizer(Tokenizer.of(ByteTokens::encode, ByteTokens::decode))
                .setReward(new Continuation())
                .addSubtask(subtask, prompts(targets))
                .optMcSamples(ANSWERS)
                .optMaxNewTokens(length / 2)
                .addStopTokens(List.of(ByteTokens.END_OF_TEXT))
                .optBaseline(true)
                .build();
    }

    private static List<Prompt> prompts(TokenSequences targets) {
        return LongStream.range(0, targets.size())
                .mapToObj(
                        i ->
                                prompt(
                                        Arrays.stream(targets.ids(i))
                                                .filter(id -> id != ByteTokens.END_OF_TEXT)
                                                .toArray()))
                .toList();
    }

    private static Prompt prompt(int[] ids) {
        int half = (ids.length + 1) / 2;
        int[] first = Arrays.copyOf(ids, half);
        int[] second = Arrays.copyOfRange(ids, half, ids.length);
        return new Prompt(ByteTokens.decode(first), first, ByteTokens.decode(second));
    }

    /** Returns the mean F-score over n = 1, 2, 3, from 0 to 1. */
    @Override
    public double of(Answer answer) {
        return IntStream.rangeClosed(1, LONGEST)
                .mapToDouble(n -> score(runs(answer.text(), n), runs(answer.reference(), n)))
                .average()
                .orElseThrow();
    }

    /** 2 |a and b| / (|a| + |b|), 0 if there are none. */
    private static double score(Map<String, Integer> a, Map<String, Integer> b) {
        int common = 0;
        for (Map.Entry<String, Integer> run : a.entrySet()) {
            common += Math.min(run.getValue(), b.getOrDefault(run.getKey(), 0));
        }
        return common == 0 ? 0 : 2.0 * common / (count(a) + count(b));
    }

    private static int count(Map<String, Integer> runs) {
        return runs.values().stream().mapToInt(Integer::intValue).sum();
    }

    private static Map<String, Integer> runs(String text, int n) {
        Map<String, Integer> runs = new HashMap<>();
        for (int i = 0; i + n <= text.length(); i++) {
            runs.merge(text.substring(i, i + n), 1, Integer::sum);
        }
        return runs;
    }

    @Override
    public String description() {
        return "character n-gram F-score of n to " + LONGEST;
    }
}
