package org.dataflex.selectors;

import static org.dataflex.selectors.CountingRun.BUDGET;
import static org.dataflex.selectors.CountingRun.choose;
import static org.dataflex.selectors.CountingRun.chooseByDomain;
import static org.dataflex.selectors.CountingRun.counting;
import static org.dataflex.selectors.CountingRun.right;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import org.dataflex.data.TokenSequences;
import org.dataflex.selectors.RankingSelector.Candidate;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.Selector;
import org.dataflex.strategy.Strategies;
import org.dataflex.testing.CountedSamples;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A decoder learns to count; of sequences that count up and down, those selectors choose that do
 * what the target sequences do.
 */
@ExtendWith(NoLeaks.class)
class SteeringTest {

    @TempDir Path directory;

    private String targets(int by) throws Exception {
        Path file = directory.resolve("targets.tokens");
        counting(by, 10, 7).save(file);
        return "counting:" + file;
    }

    private void assertFollows(int by, Selector selector) throws Exception {
        assertFollows(by, selector, BUDGET - 1);
    }

    private void assertFollows(int by, Selector selector, int atLeast) throws Exception {
        Selection chosen = choose(selector, 10);
        assertEquals(BUDGET, chosen.indices().size());
        assertTrue(right(chosen, by) >= atLeast, () -> right(chosen, by) + " of " + BUDGET);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, -1})
    void less_choosesWhatCountsAsTheTargets(int by) throws Exception {
        Map<String, String> settings = Map.of("targets", targets(by), "chunkSize", "30");
        assertFollows(by, Strategies.create(Selector.class, "less", settings));
    }

    @Test
    void less_withAMixer_readsItsTargetsOnceForAllDomains() throws Exception {
        CountedSamples targets = new CountedSamples(counting(1, 10, 7));
        Selector less = LessSelector.builder().addSubtask("counting", targets).build();
        choose(less, 10);
        int alone = targets.reads().get();
        chooseByDomain(less, 10);
        assertEquals(2 * alone, targets.reads().get());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, -1})
    void greats_choosesWhatCountsAsTheTargets(int by) throws Exception {
        Map<String, String> settings = Map.of("targets", targets(by), "learningRate", "0.001");
        assertFollows(by, Strategies.create(Selector.class, "greats", settings));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, -1})
    void ranking_byAlignment_choosesWhatCountsAsTheTargets(int by) throws Exception {
        TokenSequences targets = counting(by, 10, 7);
        assertFollows(by, RankingSelector.by(Candidate::alignment).towards(targets));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, -1})
    void clusterLess_ofALanguageModel_choosesWhatCountsAsTheTargets(int by) throws Exception {
        Map<String, String> settings =
                Map.of("targets", targets(by), "clusterSize", "4", "samplesPerCluster", "2");
        Selector selector = Strategies.create(Selector.class, "cluster-less", settings);
        assertFollows(by, selector, BUDGET - 3); // a cluster may hold some that count otherwise
    }
}
