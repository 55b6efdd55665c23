package org.dataflex.examples.report;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dataflex.examples.report.RunEvent.Arrival;
import org.dataflex.examples.report.RunEvent.Choice;
import org.dataflex.examples.report.RunEvent.DecisionEvent;
import org.dataflex.examples.report.RunEvent.Measurement;
import org.dataflex.examples.report.RunEvent.Mixing;
import org.dataflex.examples.report.RunEvent.Step;
import org.dataflex.examples.report.RunEvent.TokenWeighing;

/** Seconds of each step by what they went to, and how often each was done. */
final class RunCost {

    static final String TRAINING = "training";

    private static final String VALIDATION = "validation";
    private static final double MILLIS = 1000;

    private final Map<String, Integer> calls = new LinkedHashMap<>();
    private final Amounts seconds;

    RunCost(RunLog log) {
        calls.put(TRAINING, 0); // at the bottom of the stack
        Map<String, Double> answers = new HashMap<>(); // of the step in progress
        Map<Long, Map<String, Double>> steps = new LinkedHashMap<>();
        for (RunEvent event : log.all(RunEvent.class)) {
            if (event instanceof DecisionEvent decision) {
                note(answers, kindOf(decision), decision.millis());
            } else if (event instanceof Arrival arrival) {
                note(answers, "taking arrivals", arrival.millis());
            } else if (event instanceof Step step) {
                double strategies = answers.values().stream().mapToDouble(v -> v).sum();
                note(answers, TRAINING, Math.max(0, step.millis() - strategies));
                steps.put(step.step(), new HashMap<>(answers));
                answers.clear();
            } else if (event instanceof Measurement measured) {
                note(
                        steps.computeIfAbsent(measured.step(), any -> new HashMap<>()),
                        VALIDATION,
                        measured.millis());
            }
        }
        seconds = new Amounts(List.copyOf(calls.keySet()));
        steps.forEach(
                (step, millis) -> {
                    millis.replaceAll((what, value) -> value / MILLIS);
                    seconds.add(step, millis);
                });
    }

    private void note(Map<String, Double> millis, String what, double value) {
        millis.merge(what, value, Double::sum);
        calls.merge(what, 1, Integer::sum);
    }

    private static String kindOf(DecisionEvent decision) {
        String kind =
                decision instanceof Choice
                        ? "selection"
                        : decision instanceof Mixing
                                ? "mixing"
                                : decision instanceof TokenWeighing
                                        ? "weighing tokens"
                                        : "weighing";
        return kind + " (" + decision.strategy() + ")";
    }

    /** How often each was done, by what; the names of {@link #seconds}. */
    Map<String, Integer> calls() {
        return calls;
    }

    Amounts seconds() {
        return seconds;
    }
}
