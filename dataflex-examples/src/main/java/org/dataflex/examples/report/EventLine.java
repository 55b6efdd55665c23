package org.dataflex.examples.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.dataflex.checkpoint.JsonFault;
import org.dataflex.examples.report.RunEvent.Arrival;
import org.dataflex.examples.report.RunEvent.Choice;
import org.dataflex.examples.report.RunEvent.Chosen;
import org.dataflex.examples.report.RunEvent.End;
import org.dataflex.examples.report.RunEvent.Measurement;
import org.dataflex.examples.report.RunEvent.Mixing;
import org.dataflex.examples.report.RunEvent.Other;
import org.dataflex.examples.report.RunEvent.Start;
import org.dataflex.examples.report.RunEvent.Step;
import org.dataflex.examples.report.RunEvent.TokenWeighing;
import org.dataflex.examples.report.RunEvent.Weighing;

/** Reads one line of {@code events.jsonl}. */
final class EventLine {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final JsonNode line;

    private EventLine(JsonNode line) {
        this.line = line;
    }

    /**
     * Reads a line.
     *
     * @throws IllegalArgumentException if it is no event; the message says what is wrong
     */
    static RunEvent read(String text) {
        try {
            return new EventLine(JSON.readTree(text)).event();
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not JSON: " + JsonFault.of(e), e);
        }
    }

    private RunEvent event() {
        if (!line.isObject()) {
            throw new IllegalArgumentException("not a JSON object");
        }
        long step = whole(field("step"));
        return switch (field("event").asText()) {
            case "RunStarted" ->
                    new Start(
                            step,
                            map("domains", EventLine::whole),
                            map("configuration", JsonNode::asText),
                            map("environment", JsonNode::asText));
            case "StepCompleted" ->
                    new Step(
                            step,
                            number(field("loss")),
                            number(field("ms")),
                            map("rows", EventLine::whole),
                            positions("samples"));
            case "Validated" ->
                    new Measurement(step, number(field("ms")), map("losses", EventLine::number));
            case "SamplesArrived" ->
                    new Arrival(
                            step,
                            whole(field("arrived")),
                            whole(field("size")),
                            number(field("ms")));
            case "RunEnded" -> new End(step, field("completed").asBoolean());
            case "DecisionApplied" -> decision(step);
            default -> new Other(step);
        };
    }

    private RunEvent decision(long step) {
        String strategy = field("strategy").asText();
        double millis = number(field("ms"));
        String kind = field("kind").asText();
        return switch (kind) {
            case "mixture" ->
                    new Mixing(step, strategy, millis, map("proportions", EventLine::number));
            case "selection" ->
                    new Choice(
                            step,
                            strategy,
                            millis,
                            new Chosen(
                                    field("scope").asText(),
                                    whole(field("candidates")),
                                    whole(field("count")),
                                    field("file").asText(),
                                    field("sha256").asText()));
            case "sampleweights" -> weighing(step, strategy, millis);
            case "tokenweights" -> new TokenWeighing(step, strategy, millis);
            default -> throw new IllegalArgumentException("kind = '" + kind + "' is none known");
        };
    }

    private Weighing weighing(long step, String strategy, double millis) {
        JsonNode values = field("weights");
        double[] weights = new double[values.size()];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = number(values.get(i));
        }
        long[] samples = positions("samples");
        if (samples.length != weights.length) {
            throw new IllegalArgumentException(
                    weights.length + " weights for " + samples.length + " samples");
        }
        return new Weighing(step, strategy, millis, samples, weights);
    }

    private JsonNode field(String name) {
        JsonNode field = line.get(name);
        if (field == null || field.isNull()) {
            throw new IllegalArgumentException("no '" + name + "'");
        }
        return field;
    }

    private <T> Map<String, T> map(String name, Function<JsonNode, T> value) {
        Map<String, T> map = new LinkedHashMap<>();
        field(name).properties().forEach(e -> map.put(e.getKey(), value.apply(e.getValue())));
        return map;
    }

    private long[] positions(String name) {
        JsonNode values = field(name);
        long[] positions = new long[values.size()];
        for (int i = 0; i < positions.length; i++) {
            positions[i] = whole(values.get(i));
        }
        return positions;
    }

    private static long whole(JsonNode value) {
        if (!value.isIntegralNumber() || value.longValue() < 0) {
            throw new IllegalArgumentException(value + " is no whole number from 0 on");
        }
        return value.longValue();
    }

    /** A number; those that are not finite stand in the log as text. */
    private static double number(JsonNode value) {
        if (value.isTextual()) {
            return Double.parseDouble(value.asText());
        }
        if (!value.isNumber()) {
            throw new IllegalArgumentException(value + " is no number");
        }
        return value.doubleValue();
    }
}
