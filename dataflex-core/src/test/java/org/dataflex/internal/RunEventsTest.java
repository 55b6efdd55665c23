package org.dataflex.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.dataflex.DynamicTrainer;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.Domain;
import org.dataflex.event.TrainingEvent;
import org.dataflex.event.TrainingEvent.DecisionApplied;
import org.dataflex.event.TrainingEvent.RunStarted;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.strategy.SampleWeights;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.StrategyContext;
import org.dataflex.strategy.Weighter;
import org.dataflex.strategy.WeightingContext;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.TinyRuns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a run tells of itself. */
@ExtendWith(NoLeaks.class)
class RunEventsTest {

    private static final Domain A = new Domain("a");
    private static final Domain B = new Domain("b");
    private static final Domain C = new Domain("c");

    @Test
    void runStarted_namesDomainsConfigurationAndEnvironment() throws Exception {
        RunStarted started = run(2, builder -> {}).of(RunStarted.class).get(0);
        assertEquals(
                List.of(Map.entry(A, 40L), Map.entry(B, 30L), Map.entry(C, 10L)),
                List.copyOf(started.domains().entrySet()));
        assertEquals("42", started.configuration().get("seed"));
        assertEquals(
                List.of("DataFlex", "DJL", "engine", "device", "Java", "system"),
                List.copyOf(started.environment().keySet()));
        assertTrue(started.environment().get("engine").startsWith("PyTorch "));
    }

    @Test
    void stepCompleted_namesTheSamplesThatItsRowsCount() throws Exception {
        CandidatePool pool = TinyRuns.pool();
        List<StepCompleted> steps = run(20, builder -> {}).of(StepCompleted.class);
        assertEquals(20, steps.size());
        List<Long> drawn = new ArrayList<>();
        for (StepCompleted step : steps) {
            Map<Domain, Integer> counted = new LinkedHashMap<>(Map.of(A, 0, B, 0, C, 0));
            step.samples().stream().forEach(i -> counted.merge(pool.domainOf(i), 1, Integer::sum));
            assertEquals(step.rows(), counted);
            step.samples().stream().forEach(drawn::add);
        }
        assertEquals(80, drawn.stream().limit(80).distinct().count(), "without replacement");
    }

    @Test
    void decisionOfASelector_namesTheCandidates() throws Exception {
        Events events =
                run(
                        1,
                        builder ->
                                builder.optSelector(
                                                c ->
                                                        Selection.of(
                                                                c.candidates()
                                                                        .indices()
                                                                        .slice(0, c.budget())),
                                                UpdateSchedule.once())
                                        .optCandidateLimit(25));
        assertEquals(25, events.of(DecisionApplied.class).get(0).samples().size());
    }

    @Test
    void decisionOfAWeighter_isChargedWithTheRefreshBeforeIt() throws Exception {
        List<DecisionApplied> decisions =
                run(4, builder -> builder.optWeighter(new SlowRefresh(), UpdateSchedule.every(2)))
                        .of(DecisionApplied.class);
        List<Boolean> charged =
                decisions.stream().map(d -> d.elapsed().compareTo(SlowRefresh.TIME) >= 0).toList();
        assertEquals(List.of(true, false, true, false), charged);
    }

    /** Takes its time to refresh, none to weigh. */
    private static final class SlowRefresh implements Weighter {

        static final Duration TIME = Duration.ofMillis(300);

        @Override
        public void refresh(StrategyContext context) {
            try {
                Thread.sleep(TIME.toMillis() + 1);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public SampleWeights weigh(WeightingContext context) {
            float[] ones = new float[context.losses().length];
            Arrays.fill(ones, 1);
            return SampleWeights.absolute(ones);
        }
    }

    private record Events(List<TrainingEvent> all) {

        <E extends TrainingEvent> List<E> of(Class<E> kind) {
            return all.stream().filter(kind::isInstance).map(kind::cast).toList();
        }
    }

    private static Events run(long steps, Consumer<DynamicTrainer.Builder> with) throws Exception {
        List<TrainingEvent> events = new ArrayList<>();
        try (Model model = TinyRuns.model()) {
            DynamicTrainer.Builder builder =
                    TinyRuns.trainer(model).setSteps(steps).on(TrainingEvent.class, events::add);
            with.accept(builder);
            try (DynamicTrainer trainer = builder.build()) {
                trainer.fit();
            }
        }
        return new Events(events);
    }
}
