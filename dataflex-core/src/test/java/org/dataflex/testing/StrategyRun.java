package org.dataflex.testing;

import ai.djl.Model;
import java.lang.reflect.Constructor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.dataflex.DynamicTrainer;
import org.dataflex.TrainingReport;
import org.dataflex.UpdateSchedule;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.strategy.Mixer;
import org.dataflex.strategy.Selector;
import org.dataflex.strategy.Strategies;
import org.dataflex.strategy.Strategy;
import org.dataflex.strategy.TokenWeighter;
import org.dataflex.strategy.Weighter;

/**
 * A short run of one strategy, that can be killed, of points with dropout or of texts: the main of
 * the JVMs that {@link ResumeContract} starts.
 */
public final class StrategyRun {

    /** Steps of a whole run. */
    static final long STEPS = 24;

    /** The step after which a killed run's JVM halts; not one that saves a checkpoint. */
    static final long KILLED_AT = 13;

    /** Begins what is to run with a decoder of token sequences. */
    private static final String OF_TEXTS = "texts ";

    private StrategyRun() {}

    /**
     * Runs strategies one after the other.
     *
     * @param arguments {@code killed} or {@code whole}, the directory of the runs, then strategies
     *     as {@link ResumeContract#strategies} describes them
     * @throws Exception if a run fails
     */
    public static void main(String[] arguments) throws Exception {
        boolean killed = arguments[0].equals("killed");
        Path directory = Path.of(arguments[1]);
        for (String strategy : Arrays.asList(arguments).subList(2, arguments.length)) {
            run(directory, strategy, killed);
        }
    }

    static TrainingReport run(Path directory, String strategy, boolean killed) throws Exception {
        boolean ofTexts = strategy.startsWith(OF_TEXTS);
        try (Model model = ofTexts ? TinyTextRuns.model() : TinyRuns.routedModel(0.3f)) {
            DynamicTrainer.Builder builder =
                    (ofTexts ? TinyTextRuns.trainer(model) : TinyRuns.trainer(model))
                            .setSteps(STEPS)
                            .optClipNorm(1)
                            .addValidationSet(
                                    "held-out",
                                    ofTexts ? TinyTextRuns.texts(9) : new PointSamples(20, 99))
                            .optValidationInterval(6)
                            .optRunDirectory(directory.resolve(directoryName(strategy)))
                            .optCheckpointInterval(5)
                            .on(StepCompleted.class, e -> haltIf(killed && e.step() == KILLED_AT));
            add(ofTexts ? strategy.substring(OF_TEXTS.length()) : strategy, builder);
            try (DynamicTrainer trainer = builder.build()) {
                return trainer.fit();
            }
        }
    }

    static String directoryName(String strategy) {
        return strategy.replaceAll("[^A-Za-z0-9-]", "_");
    }

    private static void haltIf(boolean now) {
        if (now) {
            Runtime.getRuntime().halt(KilledRuns.KILLED);
        }
    }

    private static void add(String strategy, DynamicTrainer.Builder builder)
            throws ReflectiveOperationException {
        List<String> parts = List.of(strategy.split(":", 3));
        UpdateSchedule schedule = UpdateSchedule.every(3).afterWarmUp(2);
        switch (parts.get(0)) {
            case "none" -> {}
            case "selector" -> builder.optSelector(create(Selector.class, parts), schedule);
            case "made" -> builder.optSelector(made(parts.get(1)), schedule);
            case "mixer" -> {
                Mixer mixer = create(Mixer.class, parts);
                builder.optMixer(mixer, schedule);
                if (mixer instanceof Weighter weighter) {
                    builder.optWeighter(weighter, schedule);
                }
            }
            case "weighter" -> builder.optWeighter(create(Weighter.class, parts), schedule);
            case "tokenWeighter" ->
                    builder.optTokenWeighter(create(TokenWeighter.class, parts), schedule);
            default -> throw new IllegalArgumentException(strategy);
        }
    }

    private static <S extends Strategy> S create(Class<S> kind, List<String> parts) {
        return Strategies.create(kind, parts.get(1), settings(parts.get(2)));
    }

    private static Selector made(String supplier) throws ReflectiveOperationException {
        Constructor<?> constructor = Class.forName(supplier).getDeclaredConstructor();
        constructor.setAccessible(true);
        return (Selector) ((Supplier<?>) constructor.newInstance()).get();
    }

    private static Map<String, String> settings(String text) {
        Map<String, String> settings = new LinkedHashMap<>();
        if (!text.isEmpty()) {
            for (String setting : text.split(",")) {
                settings.put(setting.split("=", 2)[0], setting.split("=", 2)[1]);
            }
        }
        return settings;
    }
}
