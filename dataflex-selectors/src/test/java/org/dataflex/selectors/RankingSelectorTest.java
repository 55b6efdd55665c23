package org.dataflex.selectors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.dataflex.data.SampleSet;
import org.dataflex.data.Samples;
import org.dataflex.model.Pooling;
import org.dataflex.model.Preconditioner;
import org.dataflex.selectors.RankingSelector.Candidate;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.Selector;
import org.dataflex.testing.FakeContexts;
import org.dataflex.testing.FakeModelOps;
import org.dataflex.testing.FakePool;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.SelectorContract;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class RankingSelectorTest implements SelectorContract {

    private static final SampleSet EXAM = FakePool.samples(2);

    @Override
    public Selector create() {
        return RankingSelector.by(Candidate::loss);
    }

    @Override
    public boolean isDeterministic() {
        return true;
    }

    @Override
    public boolean isCreatableByName() {
        return false;
    }

    /** Losses 1 + i; gradients (i - 300, 0), to targets (1, 0) and (0, 1). */
    private static FakeModelOps model() {
        return FakeModelOps.withGradients(
                        null,
                        (set, i) ->
                                set == EXAM
                                        ? new double[] {i == 0 ? 1 : 0, i}
                                        : new double[] {i - 300, 0})
                .andLosses(i -> 1 + i);
    }

    private static Selection select(RankingSelector selector, FakeModelOps model, int budget) {
        return selector.select(
                FakeContexts.of(FakePool.ofSizes(299, 301)).withModel(model).selection(budget));
    }

    @Test
    void nameAndSettings() {
        assertEquals("ranking", create().name());
        assertEquals(Map.of("by", "function"), create().settings());
        assertEquals(Map.of(), create().targets());
        RankingSelector towards =
                RankingSelector.by(Candidate::alignment)
                        .describedAs("alignment")
                        .towards(EXAM, Preconditioner.Adam.less());
        assertEquals(
                "{by=alignment, targets=2 fake samples, preconditioner="
                        + Preconditioner.Adam.less()
                        + "}",
                towards.settings().toString());
        assertEquals(Map.of("targets", EXAM), towards.targets());
    }

    @Test
    void select_ofLossAndAlignment_isTheirProduct() {
        FakeModelOps model = model();
        Selection selection =
                select(RankingSelector.by(c -> c.loss() * c.alignment()).towards(EXAM), model, 600);
        assertEquals(599, selection.indices().get(0));
        assertEquals(300, selection.indices().get(299)); // alignment 0
        assertEquals(299, selection.indices().get(599));
        assertEquals(600 * 0.5, selection.scores()[0], 1e-6); // mean cosine to (1, 0), (0, 1)
        assertEquals(0, selection.scores()[299]);
        assertEquals(300 * -0.5, selection.scores()[599], 1e-6);
        // targets once, then the three chunks; losses once for all
        assertEquals(
                List.of(2, 256, 256, 88),
                model.gradientCalls().stream().map(Samples::size).toList());
        assertEquals(1, model.lossCalls().size());
        assertEquals(new Preconditioner.None(), model.preconditioners().get(0));
    }

    @Test
    void select_whatIsNotAskedFor_isNotComputed() {
        FakeModelOps model = model();
        select(RankingSelector.by(Candidate::loss).towards(EXAM), model, 5);
        assertEquals(List.of(), model.gradientCalls());
        select(RankingSelector.by(Candidate::alignment).towards(EXAM), model, 5);
        assertEquals(1, model.lossCalls().size());
        Selection byPosition =
                select(
                        RankingSelector.by(
                                c -> c.domain().name().equals("d1") ? -c.index() : -1_000),
                        FakeModelOps.withLosses(null),
                        2);
        assertEquals(List.of(299L, 300L), byPosition.indices().asList());
    }

    @Test
    void select_byEmbedding_asksChunkByChunk() {
        try (NDManager manager = NDManager.newBaseManager()) {
            FakeModelOps model =
                    FakeModelOps.withEmbeddings(manager, i -> new float[] {i % 7, i % 11});
            ToDoubleFunction<Candidate> sum =
                    c -> c.embedding(Pooling.MEAN)[0] + c.embedding(Pooling.MEAN)[1];
            Selection selection = select(RankingSelector.by(sum), model, 1);
            assertEquals(76, selection.indices().get(0)); // the first of 6 mod 7 and 10 mod 11
            assertArrayEquals(new double[] {16}, selection.scores());
            assertEquals(
                    List.of(256, 256, 88), model.embedCalls().stream().map(Samples::size).toList());
        }
    }

    @Test
    void select_scoresThatAreNaN_areLast_andSomeMustBeFinite() {
        Selection selection =
                select(
                        RankingSelector.by(c -> c.index() < 598 ? Double.NaN : c.loss()),
                        model(),
                        3);
        assertEquals(List.of(599L, 598L, 0L), selection.indices().asList());
        assertEquals(
                "the score of none of 600 candidates is finite; find out why the model's losses are"
                        + " NaN or infinite",
                assertThrows(
                                IllegalStateException.class,
                                () -> select(RankingSelector.by(c -> Double.NaN), model(), 1))
                        .getMessage());
    }

    @Test
    void select_alignmentWithoutTargets_isRefused() {
        assertEquals(
                "alignment needs target samples; call RankingSelector.towards",
                assertThrows(
                                IllegalStateException.class,
                                () -> select(RankingSelector.by(Candidate::alignment), model(), 1))
                        .getMessage());
    }
}
