package org.dataflex.selectors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.dataflex.data.SampleSet;
import org.dataflex.data.TokenSequences;
import org.dataflex.math.Seeds;
import org.dataflex.selectors.reward.Reward;
import org.dataflex.strategy.Selection;
import org.dataflex.testing.FakeContexts;
import org.dataflex.testing.FakeModelOps;
import org.dataflex.testing.FakePool;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What NICE leaves in files: cosines of a killed pass. */
@ExtendWith(NoLeaks.class)
class NiceFilesTest {

    private static final int POOL = 48;
    private static final int CHUNK = 5; // ten chunks, the last of three

    /** Two subtasks, of two prompts and of one, whose answers' gradients are asked for first. */
    private static final int PROMPTS = 3;

    private static final Reward FIRST_DIGIT = answer -> Integer.parseInt(answer.text());

    @TempDir Path directory;

    private static NiceSelectorBuilder builder(Reward reward) {
        return NiceSelector.builder()
                .setTokenizer(
                        Tokenizer.of(
                                text -> new int[] {Integer.parseInt(text)}, ids -> "" + ids[0]))
                .setReward(reward)
                .addSubtask("exam", List.of(prompt(1), prompt(2)))
                .addSubtask("quiz", List.of(prompt(3)));
    }

    private static Prompt prompt(int token) {
        return new Prompt("" + token, new int[] {token}, null);
    }

    private NiceSelectorBuilder withFiles(Reward reward) {
        return builder(reward).optChunkSize(CHUNK).optScoreDirectory(directory.resolve("files"));
    }

    private NiceSelector withFiles() {
        return withFiles(FIRST_DIGIT).build();
    }

    private static BiFunction<SampleSet, Long, double[]> gradients(long seed) {
        return (set, index) ->
                GaussianRows.of(
                        6,
                        set instanceof TokenSequences texts
                                ? Seeds.mix(seed, Arrays.hashCode(texts.ids(index)))
                                : Seeds.mix(seed, 0, index));
    }

    /** Its gradients follow from the seed, its answers from the options'. */
    private static FakeModelOps model(BiFunction<SampleSet, Long, double[]> gradients) {
        return FakeModelOps.withGradients(null, gradients)
                .andAnswers(
                        (prompts, options) ->
                                IntStream.range(0, prompts.size())
                                        .mapToObj(i -> answer(options.seed() + i))
                                        .toList());
    }

    private static int[] answer(long seed) {
        return Seeds.generator(seed).ints(3, 1, 10).toArray();
    }

    private static FakeModelOps model(long seed) {
        return model(gradients(seed));
    }

    /** A model that is killed when asked for the candidate at a position. */
    private static FakeModelOps mortal(long seed, long position) {
        return model(
                (set, index) -> {
                    if (!(set instanceof TokenSequences) && index == position) {
                        throw new IllegalStateException("killed");
                    }
                    return gradients(seed).apply(set, index);
                });
    }

    private static Selection select(NiceSelector selector, FakeModelOps model) {
        return select(selector, model, 7);
    }

    private static Selection select(NiceSelector selector, FakeModelOps model, long step) {
        return selector.select(
                FakeContexts.of(FakePool.ofSize(POOL))
                        .withModel(model)
                        .atStep(step)
                        .selection(POOL));
    }

    private static void assertSame(Selection expected, Selection actual) {
        assertEquals(expected.indices().asList(), actual.indices().asList());
        assertArrayEquals(expected.scores(), actual.scores()); // bit for bit
    }

    private static Selection withoutFiles(long seed) {
        return select(builder(FIRST_DIGIT).optChunkSize(CHUNK).build(), model(seed));
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("files"))) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    @Test
    void select_chunkByChunk_isAsInOneChunk() {
        FakeModelOps whole = model(1);
        Selection expected = select(builder(FIRST_DIGIT).build(), whole);
        assertEquals(PROMPTS + 1, whole.gradientCalls().size());
        FakeModelOps chunks = model(1);
        assertSame(expected, select(builder(FIRST_DIGIT).optChunkSize(CHUNK).build(), chunks));
        assertEquals(PROMPTS + 10, chunks.gradientCalls().size());
    }

    @Test
    void select_afterAKill_goesOnFromTheLastChunk_withEqualBits() throws Exception {
        FakeModelOps dies = mortal(1, 22); // in the fifth chunk
        assertThrows(IllegalStateException.class, () -> select(withFiles(), dies));
        FakeModelOps resumed = model(1);
        assertSame(withoutFiles(1), select(withFiles(), resumed));
        // the answers, the first chunk to know the model by, chunks five to ten
        assertEquals(PROMPTS + 1 + 6, resumed.gradientCalls().size());
        FakeModelOps again = model(1);
        assertSame(withoutFiles(1), select(withFiles(), again));
        assertEquals(PROMPTS + 1, again.gradientCalls().size());
        assertEquals(1, files().size());
        assertTrue(files().get(0).matches("nice-[0-9a-f]{16}\\.rows"), files().get(0));
    }

    @Test
    void select_anotherModelOfTheSameAnswers_usesNothingOfTheFile() throws Exception {
        select(withFiles(), model(1));
        FakeModelOps other = model(2);
        assertSame(withoutFiles(2), select(withFiles(), other));
        assertEquals(PROMPTS + 10, other.gradientCalls().size());
        assertEquals(1, files().size());
    }

    @Test
    void select_otherAnswersOrRewards_haveFilesOfTheirOwn() throws Exception {
        select(withFiles(), model(1));
        select(withFiles(), model(1), 8); // the draws follow from the step
        select(withFiles(FIRST_DIGIT).optSeed(5).build(), model(1));
        select(withFiles(answer -> 1).build(), model(1));
        select(withFiles(FIRST_DIGIT).optBaseline(true).build(), model(1));
        select(withFiles(FIRST_DIGIT).optCompatibility(Compatibility.DATAFLEX).build(), model(1));
        assertEquals(6, files().size());
        FakeModelOps again = model(1);
        assertSame(withoutFiles(1), select(withFiles(), again));
        assertEquals(PROMPTS + 1, again.gradientCalls().size());
    }
}
