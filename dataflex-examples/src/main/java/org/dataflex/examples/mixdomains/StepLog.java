package org.dataflex.examples.mixdomains;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.Domain;
import org.dataflex.data.JsonLines;
import org.dataflex.math.Quantiles;

/** What a run directory's event log says of its steps, those of earlier, killed parts included. */
public final class StepLog {

    /**
     * A step.
     *
     * @param millis how long it took
     * @param strategyMillis the part of it that strategies took
     * @param rows samples drawn, by domain
     * @param weights mean loss weight of the samples drawn, by domain; empty if none were weighed
     */
    public record Step(
            double millis,
            double strategyMillis,
            Map<String, Integer> rows,
            Map<String, Double> weights) {}

    private final CandidatePool pool;
    private final List<Step> steps = new ArrayList<>();
    private final Map<String, double[]> weights = new LinkedHashMap<>();
    private double strategyMillis;

    private StepLog(CandidatePool pool) {
        this.pool = pool;
    }

    /**
     * Reads the log of a run.
     *
     * @param directory the run directory
     * @param pool the run's
     * @return its steps, in order
     * @throws IOException if the log cannot be read
     */
    public static List<Step> read(Path directory, CandidatePool pool) throws IOException {
        StepLog log = new StepLog(pool);
        for (JsonNode event : JsonLines.read(directory.resolve("events.jsonl"), line -> line)) {
            log.accept(event);
        }
        return List.copyOf(log.steps);
    }

    /**
     * Returns the median time of a step.
     *
     * @param steps the steps
     * @return milliseconds
     */
    public static double medianMillis(List<Step> steps) {
        return Quantiles.of(steps.stream().mapToDouble(Step::millis).toArray(), 0.5)[0];
    }

    private void accept(JsonNode event) {
        switch (event.get("event").asText()) {
            case "RunStarted" -> {
                int step = event.get("step").asInt(); // what was made after it is made again
                steps.subList(Math.min(step, steps.size()), steps.size()).clear();
                forget();
            }
            case "DecisionApplied" -> {
                strategyMillis += event.get("ms").asDouble();
                if (event.has("weights")) {
                    addWeights(event);
                }
            }
            case "StepCompleted" -> {
                Map<String, Integer> rows = new LinkedHashMap<>();
                event.get("rows")
                        .properties()
                        .forEach(r -> rows.put(r.getKey(), r.getValue().asInt()));
                Map<String, Double> means = new LinkedHashMap<>();
                weights.forEach((domain, sum) -> means.put(domain, sum[0] / sum[1]));
                steps.add(new Step(event.get("ms").asDouble(), strategyMillis, rows, means));
                forget();
            }
            default -> {}
        }
    }

    private void forget() {
        strategyMillis = 0;
        weights.clear();
    }

    private void addWeights(JsonNode event) {
        for (int i = 0; i < event.get("weights").size(); i++) {
            Domain domain = pool.domainOf(event.get("samples").get(i).asLong());
            double[] sum = weights.computeIfAbsent(domain.name(), any -> new double[2]);
            sum[0] += event.get("weights").get(i).asDouble();
            sum[1]++;
        }
    }
}
