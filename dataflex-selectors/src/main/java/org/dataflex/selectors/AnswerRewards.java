package org.dataflex.selectors;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.dataflex.selectors.reward.Answer;
import org.dataflex.selectors.reward.Reward;

/**
 * What answers are worth, each rated once: in an update, or ever where a file keeps rewards. An
 * empty answer is worth 0 and not rated.
 */
final class AnswerRewards {

    private final Reward reward;

    /** Null to keep nothing. */
    private final Path file;

    /** The rewards of one update's answers, for each domain that is selected from. */
    private final Map<Answer, Double> rewards = new HashMap<>();

    private long step = -1;

    AnswerRewards(Reward reward, Path file) {
        this.reward = reward;
        this.file = file;
    }

    /**
     * Rates the answers that are new.
     *
     * @param answers the answers
     * @param atStep the optimizer updates made so far
     * @return the reward of every answer of this step
     */
    Map<Answer, Double> of(List<Answer> answers, long atStep) {
        if (step != atStep) {
            rewards.clear();
            step = atStep;
        }
        Set<Answer> open = new LinkedHashSet<>();
        for (Answer answer : answers) {
            if (answer.text().isBlank()) {
                rewards.put(answer, 0.0);
            } else if (!rewards.containsKey(answer)) {
                open.add(answer);
            }
        }
        if (!open.isEmpty()) {
            rate(List.copyOf(open));
        }
        return rewards;
    }

    private void rate(List<Answer> answers) {
        if (file == null) {
            ask(answers);
            return;
        }
        try (RewardFile kept = RewardFile.open(file, reward.description())) {
            List<Answer> unknown = answers.stream().filter(a -> kept.get(a) == null).toList();
            for (int from = 0; from < unknown.size(); from += reward.batchSize()) {
                int to = Math.min(unknown.size(), from + reward.batchSize());
                kept.put(unknown.subList(from, to), ask(unknown.subList(from, to)));
            }
            answers.forEach(answer -> rewards.put(answer, kept.get(answer)));
        } catch (IOException e) {
            throw new UncheckedIOException("rewardFile = " + file + ": " + e.getMessage(), e);
        }
    }

    private double[] ask(List<Answer> asked) {
        double[] rated = reward.ofAll(asked);
        if (rated.length != asked.size()) {
            throw new IllegalStateException(
                    "reward %s rated %d of %d answers"
                            .formatted(reward.description(), rated.length, asked.size()));
        }
        for (int i = 0; i < rated.length; i++) {
            if (!Double.isFinite(rated[i])) {
                throw new IllegalStateException(
                        "reward %s of answer '%s' to prompt '%s' is %s, must be finite"
                                .formatted(
                                        reward.description(),
                                        asked.get(i).text(),
                                        asked.get(i).prompt(),
                                        rated[i]));
            }
            rewards.put(asked.get(i), rated[i]);
        }
        return rated;
    }
}
