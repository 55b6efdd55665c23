package org.dataflex.examples.evaluate;

import ai.djl.Model;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dataflex.data.TokenSequences;
import org.dataflex.lm.TextTokenizer;

/**
 * The answers that a model finds likeliest: of each question the option with the lowest mean loss a
 * token, after the question and {@code Answer:}.
 */
public final class Answers {

    private Answers() {}

    /**
     * How many questions of a subject were answered right.
     *
     * @param right how many
     * @param asked of how many
     */
    public record Score(int right, int asked) {

        /**
         * Returns the share.
         *
         * @return from 0 to 1
         */
        public double accuracy() {
            return (double) right / asked;
        }

        private Score plus(boolean isRight) {
            return new Score(right + (isRight ? 1 : 0), asked + 1);
        }
    }

    /**
     * Asks a model.
     *
     * @param model a causal language model
     * @param tokenizer its tokenizer
     * @param questions at least one
     * @param maxLength the most tokens of question and answer
     * @return the scores by subject, in the order of the questions
     * @throws IllegalArgumentException if a question is longer; names it
     */
    public static Map<String, Score> scores(
            Model model, TextTokenizer tokenizer, List<Question> questions, int maxLength) {
        TokenSequences.Builder samples = TokenSequences.builder();
        for (Question question : questions) {
            addOptions(samples, tokenizer, question, maxLength);
        }
        float[] losses =
                TokenLosses.of(model, tokenizer.vocabularySize(), samples.build()).losses();
        Map<String, Score> scores = new LinkedHashMap<>();
        int first = 0;
        for (Question question : questions) {
            int likeliest = first;
            for (int i = first; i < first + question.options().size(); i++) {
                likeliest = losses[i] < losses[likeliest] ? i : likeliest;
            }
            boolean isRight = likeliest - first == question.answer();
            scores.merge(
                    question.subject(),
                    new Score(0, 0).plus(isRight),
                    (score, one) -> score.plus(isRight));
            first += question.options().size();
        }
        return scores;
    }

    private static void addOptions(
            TokenSequences.Builder samples,
            TextTokenizer tokenizer,
            Question question,
            int maxLength) {
        int[] prompt = tokenizer.encode(question.text() + "\nAnswer:");
        for (String option : question.options()) {
            List<Integer> ids = new ArrayList<>();
            for (int id : prompt) {
                ids.add(id);
            }
            for (int id : tokenizer.encodePlain(" " + option)) {
                ids.add(id);
            }
            if (ids.size() > maxLength) {
                throw new IllegalArgumentException(
                        "a question of %d tokens, the model takes %d: '%.40s...'; leave it out"
                                .formatted(ids.size(), maxLength, question.text()));
            }
            samples.add(ids.stream().mapToInt(id -> id).toArray(), prompt.length);
        }
    }
}
