package org.dataflex.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.dataflex.TrainingReport;
import org.dataflex.event.TrainingEvent;
import org.dataflex.event.TrainingEvent.DecisionApplied;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.event.TrainingEvent.Validated;

/** Gathers a run's outcome from its events. */
final class ReportBuilder {

    private final long begin = System.nanoTime();
    private final Map<String, NavigableMap<Long, Double>> validationLosses = new LinkedHashMap<>();
    private double loss = Double.NaN;
    private Duration strategyTime = Duration.ZERO;

    void accept(TrainingEvent event) {
        if (event instanceof StepCompleted completed) {
            loss = completed.loss();
        } else if (event instanceof DecisionApplied decision) {
            strategyTime = strategyTime.plus(decision.elapsed());
        } else if (event instanceof Validated validated) {
            validated.losses().forEach((set, value) -> put(set, validated.step(), value));
        }
    }

    boolean hasValidation(long step) {
        return validationLosses.values().stream().anyMatch(losses -> losses.containsKey(step));
    }

    private void put(String set, long step, double value) {
        validationLosses.computeIfAbsent(set, any -> new TreeMap<>()).put(step, value);
    }

    TrainingReport finish(long step, boolean completed) {
        Duration elapsed = Duration.ofNanos(System.nanoTime() - begin);
        return new TrainingReport(step, completed, loss, validationLosses, elapsed, strategyTime);
    }

    void save(ObjectNode state) {
        state.put("loss", loss);
        ObjectNode sets = state.putObject("validationLosses");
        validationLosses.forEach(
                (set, losses) -> {
                    ObjectNode node = sets.putObject(set);
                    losses.forEach((step, value) -> node.put(Long.toString(step), value));
                });
    }

    void restore(JsonNode state) {
        loss = state.path("loss").asDouble();
        for (Map.Entry<String, JsonNode> set : state.path("validationLosses").properties()) {
            for (Map.Entry<String, JsonNode> value : set.getValue().properties()) {
                put(set.getKey(), Long.parseLong(value.getKey()), value.getValue().asDouble());
            }
        }
    }
}
