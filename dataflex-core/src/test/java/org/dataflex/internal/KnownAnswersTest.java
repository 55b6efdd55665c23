package org.dataflex.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import ai.djl.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.dataflex.DynamicTrainer;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.Samples;
import org.dataflex.model.Direction;
import org.dataflex.model.ModelOps;
import org.dataflex.model.Normalisation;
import org.dataflex.model.Preconditioner;
import org.dataflex.strategy.MixingContext;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.SelectionContext;
import org.dataflex.strategy.Selector;
import org.dataflex.testing.CountedSamples;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.PointSamples;
import org.dataflex.testing.TinyRuns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the calls of an update, one a domain, have in common. */
@ExtendWith(NoLeaks.class)
class KnownAnswersTest {

    private static final Predicate<String> ALL = name -> true;
    private static final Preconditioner NONE = new Preconditioner.None();

    private final CountedSamples targets = new CountedSamples(new PointSamples(6, 5));

    /** Asks about each of three domains, in each of two updates. */
    private static void run(Selector selector) throws Exception {
        try (Model model = TinyRuns.model();
                DynamicTrainer trainer =
                        TinyRuns.trainer(model)
                                .setSteps(4)
                                .optMixer(MixingContext::current, UpdateSchedule.once())
                                .optSelector(selector, UpdateSchedule.every(2))
                                .build()) {
            trainer.fit();
        }
    }

    private static Selection some(SelectionContext context) {
        return Selection.of(context.candidates().indices().slice(0, context.budget()));
    }

    /** How many batches of targets have been read after each call. */
    private List<Integer> reads(Consumer<ModelOps> question) throws Exception {
        List<Integer> reads = new ArrayList<>();
        run(
                context -> {
                    question.accept(context.model());
                    reads.add(targets.reads().get());
                    return some(context);
                });
        return reads;
    }

    private static List<Integer> onceAnUpdate(int reads) {
        return List.of(reads, reads, reads, 2 * reads, 2 * reads, 2 * reads);
    }

    @Test
    void lossesOfTargets_areComputedOnceAnUpdate() throws Exception {
        assertEquals(onceAnUpdate(1), reads(model -> model.losses(Samples.all(targets))));
    }

    @Test
    void meanGradientOfTargets_isComputedOnceAnUpdate() throws Exception {
        List<Integer> reads = reads(this::targetGradient);
        assertEquals(onceAnUpdate(reads.get(0)), reads);
    }

    private Direction targetGradient(ModelOps model) {
        return model.meanGradient(Samples.all(targets), ALL, Normalisation.UNIT);
    }

    @Test
    void otherQuestionsAboutTargets_areOtherAnswers() throws Exception {
        List<float[]> products = new ArrayList<>();
        run(
                context -> {
                    ModelOps model = context.model();
                    Samples all = Samples.all(targets);
                    Samples one = new Samples(targets, SampleIndices.of(0));
                    List<Direction> directions =
                            List.of(
                                    targetGradient(model),
                                    model.meanGradient(all, ALL, Normalisation.NONE),
                                    model.meanGradient(one, ALL, Normalisation.UNIT));
                    products.add(model.alignment(one, directions, NONE).products()[0]);
                    return some(context);
                });
        float[] first = products.get(0);
        assertNotEquals(first[0], first[1]);
        assertNotEquals(first[0], first[2]);
        assertArrayEquals(first, products.get(1)); // of another domain's call
        assertArrayEquals(first, products.get(2));
        assertNotEquals(first[0], products.get(3)[0]); // of the next update
    }

    @Test
    void gradientsOfCandidates_stayWithinTheirCall_thoseOfTargetsWithinTheUpdate()
            throws Exception {
        List<Direction> ofCandidates = new ArrayList<>();
        List<Direction> ofTargets = new ArrayList<>();
        List<Boolean> taken = new ArrayList<>();
        run(
                context -> {
                    ModelOps model = context.model();
                    Samples candidates = context.candidates();
                    ofCandidates.add(model.meanGradient(candidates, ALL, Normalisation.UNIT));
                    ofTargets.add(targetGradient(model));
                    taken.add(isTaken(model, candidates, ofCandidates.get(0)));
                    taken.add(isTaken(model, candidates, ofTargets.get(0)));
                    return some(context);
                });
        assertEquals(
                List.of(true, true, false, true, false, true, false, false),
                taken.subList(0, 8)); // three calls of an update, and one of the next
    }

    private static boolean isTaken(ModelOps model, Samples candidates, Direction direction) {
        try {
            model.alignment(candidates, List.of(direction), NONE);
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }
}
