package org.dataflex.event;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.dataflex.event.TrainingEvent.CheckpointSaved;
import org.dataflex.event.TrainingEvent.DecisionApplied;
import org.dataflex.event.TrainingEvent.RunEnded;
import org.dataflex.event.TrainingEvent.RunStarted;
import org.dataflex.event.TrainingEvent.SamplesArrived;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.event.TrainingEvent.Validated;
import org.dataflex.math.Quantiles;
import org.dataflex.strategy.Mixture;
import org.dataflex.strategy.SampleWeights;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.TokenWeights;

/**
 * Appends a run's events to a file, one JSON object a line; what selectors chose, and what from,
 * goes to a file a decision, {@code position,score,chosen} a line.
 *
 * <p>Each line is handed to the system as it is written: a killed run loses at most the line in
 * progress. A line's {@code event} is the event's class name, its other names are those of the
 * event's components, times are milliseconds.
 */
public final class EventLog implements Consumer<TrainingEvent>, AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double NANOS_PER_MILLI = 1e6;

    private final BufferedWriter out;
    private final SelectionFiles selections;

    private EventLog(BufferedWriter out, SelectionFiles selections) {
        this.out = out;
        this.selections = selections;
    }

    /**
     * Opens a log to append to.
     *
     * @param file the log; made if it does not exist. A last line without an end, left by a killed
     *     run, is ended
     * @param selections the directory of the selection files
     * @return the log
     * @throws IOException if the file cannot be written
     */
    public static EventLog open(Path file, Path selections) throws IOException {
        BufferedWriter out =
                Files.newBufferedWriter(
                        file,
                        StandardCharsets.UTF_8,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND);
        if (Files.size(file) > 0 && !endsWithNewline(file)) {
            out.newLine();
        }
        return new EventLog(out, new SelectionFiles(selections));
    }

    private static boolean endsWithNewline(Path file) throws IOException {
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            ByteBuffer last = ByteBuffer.allocate(1);
            channel.position(channel.size() - 1).read(last);
            return last.get(0) == '\n';
        }
    }

    @Override
    public void accept(TrainingEvent event) {
        try {
            ObjectNode line = JSON.createObjectNode();
            line.put("event", event.getClass().getSimpleName()).put("step", event.step());
            write(event, line);
            out.write(JSON.writeValueAsString(line));
            out.write('\n');
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(TrainingEvent event, ObjectNode line) throws IOException {
        if (event instanceof StepCompleted completed) {
            line.put("loss", completed.loss()).put("ms", millis(completed.elapsed()));
            put(line.putObject("rows"), completed.rows());
            line.set("samples", JSON.valueToTree(completed.samples().toArray()));
        } else if (event instanceof DecisionApplied decision) {
            write(decision, line);
        } else if (event instanceof SamplesArrived arrived) {
            line.put("arrived", arrived.arrived())
                    .put("size", arrived.size())
                    .put("window", arrived.window())
                    .put("ms", millis(arrived.elapsed()));
        } else if (event instanceof Validated validated) {
            line.put("ms", millis(validated.elapsed()));
            put(line.putObject("losses"), validated.losses());
        } else if (event instanceof CheckpointSaved saved) {
            line.put("directory", saved.directory().toString());
        } else if (event instanceof RunStarted started) {
            put(line.putObject("domains"), started.domains());
            put(line.putObject("configuration"), started.configuration());
            put(line.putObject("environment"), started.environment());
        } else if (event instanceof RunEnded ended) {
            line.put("completed", ended.completed());
        }
    }

    private void write(DecisionApplied event, ObjectNode line) throws IOException {
        line.put("strategy", event.strategy())
                .put("kind", event.decision().getClass().getSimpleName().toLowerCase(Locale.ROOT))
                .put("scope", event.scope())
                .put("ms", millis(event.elapsed()))
                .put("inputs", event.inputs());
        if (event.decision() instanceof Selection selection) {
            write(event, selection, line);
        } else if (event.decision() instanceof Mixture mixture) {
            put(line.putObject("proportions"), mixture.proportions());
        } else if (event.decision() instanceof SampleWeights weights) {
            line.set("samples", JSON.valueToTree(event.samples().toArray()));
            line.set("weights", JSON.valueToTree(weights.toArray()));
        } else if (event.decision() instanceof TokenWeights weights) {
            line.set("samples", JSON.valueToTree(event.samples().toArray()));
            write(weights, line);
        }
    }

    /** Of each sample its target tokens, how many of them have a weight above 0, and the mean. */
    private static void write(TokenWeights weights, ObjectNode line) {
        ArrayNode tokens = line.putArray("tokens");
        ArrayNode weighed = line.putArray("weighed");
        ArrayNode means = line.putArray("meanWeights");
        for (int i = 0; i < weights.size(); i++) {
            float[] own = weights.get(i);
            double[] values = IntStream.range(0, own.length).mapToDouble(t -> own[t]).toArray();
            tokens.add(own.length);
            weighed.add(Arrays.stream(values).filter(w -> w > 0).count());
            means.add(Arrays.stream(values).average().orElse(0));
        }
    }

    private void write(DecisionApplied event, Selection selection, ObjectNode line)
            throws IOException {
        SelectionFiles.Written file = selections.write(event.step(), event.scope(), selection);
        line.put("candidates", event.samples().size())
                .put("count", selection.indices().size())
                .put("file", file.name())
                .put("sha256", file.sha256());
        selection.candidateScores().ifPresent(all -> put(line.putObject("candidateScores"), all));
        if (selection.scores().length > 0) {
            put(line.putObject("chosenScores"), Quantiles.summary(selection.scores()));
        }
    }

    private static void put(ObjectNode node, Quantiles.Summary summary) {
        node.put("min", summary.min())
                .put("lower", summary.lower())
                .put("median", summary.median())
                .put("upper", summary.upper())
                .put("max", summary.max());
    }

    private static void put(ObjectNode node, Map<?, ?> values) {
        values.forEach((key, value) -> node.set(key.toString(), JSON.valueToTree(value)));
    }

    private static double millis(Duration duration) {
        return duration.toNanos() / NANOS_PER_MILLI;
    }

    /** Closes the file. */
    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
