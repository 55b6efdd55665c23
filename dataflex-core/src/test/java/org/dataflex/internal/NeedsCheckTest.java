package org.dataflex.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.Model;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.Set;
import org.dataflex.DynamicTrainer;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.CandidatePool;
import org.dataflex.strategy.Mixer;
import org.dataflex.strategy.MixingContext;
import org.dataflex.strategy.Mixture;
import org.dataflex.strategy.Need;
import org.dataflex.strategy.SampleWeights;
import org.dataflex.strategy.Weighter;
import org.dataflex.strategy.WeightingContext;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.TinyRuns;
import org.dataflex.testing.TinyTextRuns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A classifier has no experts, shows no states of its training pass, and has no token losses. */
@ExtendWith(NoLeaks.class)
class NeedsCheckTest {

    private static final UpdateSchedule ALWAYS = UpdateSchedule.every(1);

    /** A mixer and weighter that asks for what it needs never, and may not like a pool. */
    private record Needy(Set<Need> needs, String dislike) implements Mixer, Weighter {

        @Override
        public String name() {
            return "needy";
        }

        @Override
        public void check(CandidatePool pool) {
            if (dislike != null) {
                throw new IllegalArgumentException(dislike);
            }
        }

        @Override
        public Mixture mix(MixingContext context) {
            return context.current();
        }

        @Override
        public SampleWeights weigh(WeightingContext context) {
            return SampleWeights.absolute(new float[context.batch().size()]);
        }
    }

    private static void assertRefused(String problems, DynamicTrainer.Builder builder) {
        assertEquals(
                "cannot build the trainer:" + problems,
                assertThrows(IllegalStateException.class, builder::build).getMessage());
    }

    @Test
    void build_needsThatAreNotMet_areRefused() {
        Optimizer sgd = Optimizer.sgd().setLearningRateTracker(Tracker.fixed(0.1f)).build();
        try (Model model = TinyRuns.model()) {
            assertRefused(
                    "\n  - mixer 'needy': the loss ClassificationLoss has no per-token form; train"
                            + " with org.dataflex.loss.CausalLmLoss"
                            + "\n  - mixer 'needy': SequentialBlock shows no hidden states of its"
                            + " training pass to embed a batch by; implement"
                            + " org.dataflex.model.LinearHead"
                            + "\n  - mixer 'needy': SequentialBlock has no experts whose loads could"
                            + " be counted; implement org.dataflex.model.RoutedBlock"
                            + "\n  - mixer 'needy': SequentialBlock exposes no hidden states to"
                            + " embed samples by; implement org.dataflex.model.HiddenStates"
                            + "\n  - mixer 'needy': the optimizer ai.djl.training.optimizer.Sgd"
                            + " keeps no moments of Adam; train with Adam or AdamW, or ask with"
                            + " Preconditioner.None"
                            + "\n  - mixer 'needy': SequentialBlock continues no texts; implement"
                            + " org.dataflex.model.GenerativeBlock",
                    TinyRuns.trainer(model)
                            .setTrainingConfig(TinyRuns.config(sgd))
                            .optMixer(new Needy(Set.of(Need.values()), null), ALWAYS));
        }
        try (Model decoder = TinyTextRuns.model()) {
            assertRefused(
                    "\n  - mixer 'needy': CausalLm has no experts whose loads could be counted; take"
                            + " a mixture of experts",
                    TinyTextRuns.trainer(decoder)
                            .optMixer(new Needy(Set.of(Need.values()), null), ALWAYS));
        }
        try (Model routed = TinyRuns.routedModel(0)) {
            Needy needy = new Needy(Set.of(Need.EXPERT_LOADS), null);
            TinyRuns.trainer(routed).optMixer(needy, ALWAYS).build().close();
        }
    }

    @Test
    void build_oneObjectThatIsMixerAndWeighter_isReportedOnce() {
        Needy both = new Needy(Set.of(Need.TOKEN_LOSSES), "three domains are too many");
        try (Model model = TinyRuns.model()) {
            assertRefused(
                    "\n  - mixer and weighter 'needy': the loss ClassificationLoss has no per-token"
                            + " form; train with org.dataflex.loss.CausalLmLoss"
                            + "\n  - mixer and weighter 'needy': three domains are too many",
                    TinyRuns.trainer(model).optMixer(both, ALWAYS).optWeighter(both, ALWAYS));
        }
    }

    @Test
    void build_twoObjectsOfOneName_areBothReported() {
        try (Model model = TinyRuns.model()) {
            assertRefused(
                    "\n  - mixer 'needy': one\n  - weighter 'needy': two",
                    TinyRuns.trainer(model)
                            .optMixer(new Needy(Set.of(), "one"), ALWAYS)
                            .optWeighter(new Needy(Set.of(), "two"), ALWAYS));
        }
    }
}
