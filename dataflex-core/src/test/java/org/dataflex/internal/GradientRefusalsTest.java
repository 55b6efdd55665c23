package org.dataflex.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.Samples;
import org.dataflex.loss.ClassificationLoss;
import org.dataflex.model.Direction;
import org.dataflex.model.GradientQuery;
import org.dataflex.model.Normalisation;
import org.dataflex.model.Preconditioner;
import org.dataflex.model.UnsupportedModelException;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.PointSamples;
import org.dataflex.testing.TinyRuns;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;

@ExtendWith(NoLeaks.class)
class GradientRefusalsTest {

    private static final Preconditioner NONE = new Preconditioner.None();
    private static final Predicate<String> ALL = name -> true;

    private final PointSamples points = new PointSamples(20, 4);
    private final Samples targets = new Samples(points, SampleIndices.of(3, 1, 17, 8, 3));
    private Model model;
    private NDManager scope;
    private DjlModelOps ops;

    @BeforeEach
    void setUp() {
        model = initialized(3);
        scope = model.getNDManager().newSubManager();
        ops = ops(model, Optimizer.adam().build(), scope);
    }

    private static Model initialized(int seed) {
        Model model = TinyRuns.model();
        model.getNDManager().getEngine().setRandomSeed(seed);
        model.getBlock().initialize(model.getNDManager(), model.getDataType(), new Shape(1, 2));
        return model;
    }

    private static DjlModelOps ops(Model model, Optimizer optimizer, NDManager scope) {
        return new DjlModelOps(model, new ClassificationLoss(), optimizer, scope, 8);
    }

    @AfterEach
    void tearDown() {
        scope.close();
        model.close();
    }

    private List<Direction> directions() {
        return List.of(
                ops.meanGradient(targets, ALL, Normalisation.UNIT),
                ops.meanGradient(targets, ALL, Normalisation.NONE));
    }

    @Test
    void alignment_ofFrozenSince_isRefused() {
        List<Direction> directions = directions();
        model.getBlock().getParameters().valueAt(0).freeze(true);
        assertRefused(
                IllegalStateException.class,
                () -> ops.alignment(targets, directions, NONE),
                "parameters were frozen since the directions were made; ask meanGradient anew");
    }

    @Test
    void refusals_sayWhatToDo() {
        List<Direction> none = List.of();
        assertRefused(
                IllegalArgumentException.class,
                () -> ops.alignment(targets, none, NONE),
                "no directions to align with; ask meanGradient for one");
        assertRefused(
                IllegalArgumentException.class,
                () -> ops.alignment(targets, List.of(new Direction() {}), NONE),
                "direction 0 was not made by this model's meanGradient");
        Samples empty = new Samples(points, SampleIndices.of());
        assertRefused(
                IllegalArgumentException.class,
                () -> ops.meanGradient(empty, ALL, Normalisation.NONE),
                "no samples to average the gradients of");
        String first = model.getBlock().getParameters().keyAt(0);
        List<Direction> mixed = new ArrayList<>(directions());
        mixed.add(ops.meanGradient(targets, first::equals, Normalisation.NONE));
        assertRefused(
                IllegalArgumentException.class,
                () -> ops.alignment(targets, mixed, NONE),
                "direction 2 covers other parameters than direction 0; align with those of one set"
                        + " of parameters at a time");
    }

    @Test
    void directions_ofAnotherModelOrCall_areRefused() {
        try (Model other = initialized(5)) {
            try (NDManager manager = other.getNDManager().newSubManager()) {
                DjlModelOps of = new DjlModelOps(other, new ClassificationLoss(), manager, 8);
                Direction foreign = of.meanGradient(targets, ALL, Normalisation.NONE);
                assertRefused(
                        IllegalArgumentException.class,
                        () -> ops.alignment(targets, List.of(foreign), NONE),
                        "direction 0 was not made by this model's meanGradient");
            }
        }
        Direction past;
        try (NDManager call = model.getNDManager().newSubManager()) {
            DjlModelOps of = new DjlModelOps(model, new ClassificationLoss(), call, 8);
            past = of.meanGradient(targets, ALL, Normalisation.NONE);
        }
        assertRefused(
                IllegalStateException.class,
                () -> ops.alignment(targets, List.of(past), NONE),
                "direction 0 belongs to a strategy call that has ended; ask meanGradient anew in"
                        + " each call");
    }

    @Test
    void adam_withoutMoments_isRefused() {
        Optimizer sgd = Optimizer.sgd().setLearningRateTracker(Tracker.fixed(0.1f)).build();
        DjlModelOps withSgd = new DjlModelOps(model, new ClassificationLoss(), sgd, scope, 8);
        DjlModelOps another = new DjlModelOps(model, new ClassificationLoss(), scope, 8);
        String keepsNone =
                "the optimizer ai.djl.training.optimizer.Sgd keeps no moments of Adam; train with"
                        + " Adam or AdamW, or ask with Preconditioner.None";
        Preconditioner by = Preconditioner.Adam.less();
        List<Direction> directions = directions();
        assertRefused(
                UnsupportedModelException.class,
                () -> withSgd.alignment(targets, directions, by),
                keepsNone);
        assertRefused(
                UnsupportedModelException.class,
                () -> withSgd.gradients(targets, GradientQuery.full().preconditioned(by)),
                keepsNone);
        assertRefused(
                UnsupportedModelException.class,
                () -> another.alignment(targets, directions, by),
                "Adam's moments belong to the model in training; this is another model, which no"
                        + " optimizer updates: ask it with Preconditioner.None");
    }

    private static void assertRefused(
            Class<? extends Throwable> type, Executable question, String message) {
        assertEquals(message, assertThrows(type, question).getMessage());
    }
}
