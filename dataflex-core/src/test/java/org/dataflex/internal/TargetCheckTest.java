package org.dataflex.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import java.util.List;
import java.util.Map;
import org.dataflex.DynamicTrainer;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.SampleSet;
import org.dataflex.data.TokenSequences;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.SelectionContext;
import org.dataflex.strategy.Selector;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.PointSamples;
import org.dataflex.testing.TinyRuns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class TargetCheckTest {

    private final RunSettings settings = new RunSettings();

    /** A selector that steers towards one set. */
    private record Aiming(SampleSet at) implements Selector {

        @Override
        public String name() {
            return "aiming";
        }

        @Override
        public Map<String, SampleSet> targets() {
            return Map.of("exam", at);
        }

        @Override
        public Selection select(SelectionContext context) {
            return Selection.of(context.candidates().indices().slice(0, context.budget()));
        }
    }

    private List<String> problems(SampleSet targets, SampleSet validation) {
        settings.selector = new Scheduled<>(new Aiming(targets), UpdateSchedule.every(1));
        settings.validationSets.put("held-out", validation);
        return TargetCheck.problems(settings);
    }

    private static String shares(int shared, int of) {
        return "selector 'aiming': target set 'exam' shares "
                + shared
                + " of its "
                + of
                + " samples with validation set 'held-out', which then no longer measures what is"
                + " held out; take them out of one of the two, or call optTargetOverlap(true)";
    }

    private static TokenSequences tokens(int[]... sequences) {
        TokenSequences.Builder builder = TokenSequences.builder();
        for (int[] ids : sequences) {
            builder.add(ids);
        }
        return builder.build();
    }

    @Test
    void problems_noTargetsOrOthers_areNone() {
        assertEquals(List.of(), TargetCheck.problems(settings));
        assertEquals(List.of(), problems(new PointSamples(4, 1), new PointSamples(4, 2)));
        assertEquals(
                List.of(),
                problems(
                        tokens(new int[] {1, 2}, new int[] {3}),
                        tokens(new int[] {1}, new int[] {2, 1})));
    }

    @Test
    void problems_emptyTargets_areNamed() {
        assertEquals(
                List.of(
                        "selector 'aiming': target set 'exam' has no samples; fill it or leave it"
                                + " out"),
                problems(new PointSamples(0, 1), new PointSamples(4, 2)));
    }

    @Test
    void problems_theSameSetOrFingerprint_sharesAll() {
        SampleSet targets = new PointSamples(4, 1);
        assertEquals(List.of(shares(4, 4)), problems(targets, targets));
        assertEquals(List.of(shares(4, 4)), problems(targets, new PointSamples(4, 1)));
    }

    @Test
    void problems_singleSequences_areCompared_whateverTheirMasks() {
        TokenSequences targets =
                tokens(new int[] {1, 2}, new int[] {3}, new int[] {1, 2}, new int[] {4, 5});
        TokenSequences validation =
                TokenSequences.builder()
                        .add(new int[] {9})
                        .add(new int[] {1, 2}, 1)
                        .add(new int[] {1, 2})
                        .add(new int[] {4, 5, 6})
                        .build();
        assertEquals(List.of(shares(2, 4)), problems(targets, validation));
    }

    @Test
    void problems_promptsOfValidationSamples_areShared() {
        TokenSequences targets = tokens(new int[] {1, 2}, new int[] {3, 4}, new int[] {5});
        TokenSequences validation =
                TokenSequences.builder()
                        .add(new int[] {1, 2, 8, 9}, 2)
                        .add(new int[] {1, 2, 7}, 2) // the same prompt counts once
                        .add(new int[] {3, 4, 8}, 1)
                        .add(new int[] {5, 6})
                        .build();
        assertEquals(List.of(shares(1, 3)), problems(targets, validation));
    }

    @Test
    void problems_overlapAllowed_areNone() {
        settings.targetOverlap = true;
        SampleSet targets = new PointSamples(4, 1);
        assertEquals(List.of(), problems(targets, targets));
    }

    @Test
    void build_overlap_isRefusedUnlessAllowed() {
        SampleSet targets = new PointSamples(4, 1);
        try (Model model = TinyRuns.model()) {
            DynamicTrainer.Builder builder =
                    TinyRuns.trainer(model)
                            .optSelector(new Aiming(targets), UpdateSchedule.every(2))
                            .addValidationSet("held-out", targets);
            String text = assertThrows(IllegalStateException.class, builder::build).getMessage();
            assertTrue(text.endsWith(shares(4, 4)), text);
            builder.optTargetOverlap(true).build().close();
        }
    }
}
