package org.dataflex.selectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.dataflex.selectors.reward.Answer;
import org.dataflex.selectors.reward.Reward;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnswerRewardsTest {

    private static final List<Answer> FIVE =
            IntStream.range(0, 5).mapToObj(i -> new Answer("q", "a" + i, null)).toList();

    @TempDir private Path directory;

    /** A third of the text's last digit; breaks at a given call. */
    private static final class Breakable implements Reward {

        private final String name;
        private final int breaksAt;
        private final List<String> asked = new ArrayList<>();

        Breakable(String name, int breaksAt) {
            this.name = name;
            this.breaksAt = breaksAt;
        }

        @Override
        public double of(Answer answer) {
            if (asked.size() == breaksAt) {
                throw new IllegalStateException("down");
            }
            asked.add(answer.text());
            return (answer.text().charAt(answer.text().length() - 1) - '0') / 3.0;
        }

        @Override
        public String description() {
            return name;
        }
    }

    @Test
    void of_afterACrash_asksForTheRestOnly() throws IOException {
        Path file = directory.resolve("new/rewards.txt");
        AnswerRewards first = new AnswerRewards(new Breakable("judge", 2), file);
        assertEquals(
                "down",
                assertThrows(IllegalStateException.class, () -> first.of(FIVE, 1)).getMessage());
        Files.writeString(file, "0123", StandardOpenOption.APPEND); // the write that was cut off
        Breakable judge = new Breakable("judge", 9);
        Map<Answer, Double> rewards = new AnswerRewards(judge, file).of(FIVE, 1);
        assertEquals(List.of("a2", "a3", "a4"), judge.asked);
        for (int i = 0; i < 5; i++) {
            assertEquals(i / 3.0, rewards.get(FIVE.get(i)));
        }
        Breakable later = new Breakable("judge", 0);
        new AnswerRewards(later, file).of(FIVE, 7);
        assertEquals(List.of(), later.asked);
    }

    @Test
    void of_fileThatAnotherRunWrites_isRefused() {
        Path file = directory.resolve("rewards.txt");
        Reward judge =
                new Reward() {

                    @Override
                    public double of(Answer answer) {
                        return new AnswerRewards(new Breakable("judge", 9), file)
                                .of(FIVE, 1)
                                .get(answer);
                    }
                };
        AnswerRewards rewards = new AnswerRewards(judge, file);
        assertEquals(
                "rewardFile = "
                        + file
                        + " cannot be used: "
                        + file
                        + " is in use by another run; let one run after the other use it",
                assertThrows(UncheckedIOException.class, () -> rewards.of(FIVE, 1)).getMessage());
    }

    @Test
    void of_whatDiffersInAnyPart_isRatedAnew() {
        Path file = directory.resolve("rewards.txt");
        new AnswerRewards(new Breakable("judge", 9), file).of(FIVE, 1);
        Breakable other = new Breakable("another judge", 9);
        new AnswerRewards(other, file).of(FIVE, 1);
        assertEquals(5, other.asked.size());
        Breakable judge = new Breakable("judge", 9);
        List<Answer> different =
                List.of(
                        new Answer("q", "a1", "1"),
                        new Answer("q", "a1", "null"),
                        new Answer("qa", "1", null),
                        new Answer("q", " ", null));
        new AnswerRewards(judge, file).of(different, 1);
        assertEquals(List.of("a1", "a1", "1"), judge.asked);
    }

    @Test
    void of_withoutFile_remembersOneUpdate() {
        Breakable judge = new Breakable("judge", 99);
        AnswerRewards rewards = new AnswerRewards(judge, null);
        rewards.of(FIVE, 1);
        rewards.of(FIVE, 1);
        assertEquals(5, judge.asked.size());
        rewards.of(FIVE, 2);
        assertEquals(10, judge.asked.size());
    }

    @Test
    void of_fileThatHoldsSomethingElse_isRefused() throws IOException {
        Path file = directory.resolve("notes.txt");
        Files.writeString(file, "to do\n");
        AnswerRewards rewards = new AnswerRewards(new Breakable("judge", 9), file);
        assertEquals(
                "rewardFile = " + file + " cannot be used: it holds 'to do', which is no reward",
                assertThrows(UncheckedIOException.class, () -> rewards.of(FIVE, 1)).getMessage());
        assertEquals("to do\n", Files.readString(file));
    }

    @Test
    void build_fileForARewardWithoutDescription_isRefused() {
        Path file = directory.resolve("rewards.txt");
        NiceSelectorBuilder builder =
                NiceSelector.builder()
                        .setTokenizer(Tokenizer.of(text -> new int[] {1}, ids -> ""))
                        .setReward(answer -> 1)
                        .addSubtask("exam", List.of(new Prompt("q", new int[] {1}, null)))
                        .optRewardFile(file);
        assertEquals(
                "rewardFile = "
                        + file
                        + " keeps rewards by their description, and this one has none; override"
                        + " Reward.description",
                assertThrows(IllegalArgumentException.class, builder::build).getMessage());
    }
}
