package org.dataflex.examples.report;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dataflex.examples.report.RunEvent.Arrival;
import org.dataflex.examples.report.RunEvent.End;
import org.dataflex.examples.report.RunEvent.Other;
import org.dataflex.examples.report.RunEvent.Start;
import org.dataflex.examples.report.RunEvent.Step;

/**
 * The events of a run directory that are in force, in order.
 *
 * <p>Where a killed run went on from a checkpoint, what it had done past the checkpoint was done
 * again and counts once: as done again. A line that a kill cut short is passed over and noted; any
 * other damaged line is an error.
 */
final class RunLog {

    private final Path directory;
    private final List<RunEvent> events = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private Start start;

    /** The pool's domains as they are at the end; null until somebody asks. */
    private PoolDomains domains;

    private RunLog(Path directory) {
        this.directory = directory;
    }

    /**
     * Reads a run.
     *
     * @throws IOException if there is none, or a line is damaged; the message names it
     */
    static RunLog read(Path directory) throws IOException {
        Path file = directory.resolve("events.jsonl");
        if (!Files.isRegularFile(file)) {
            throw new IOException(
                    "no run in %s: there is no events.jsonl; give the run directory of a training run"
                            .formatted(directory));
        }
        RunLog log = new RunLog(directory);
        log.readLines(file);
        if (log.start == null) {
            throw new IOException(file + " is empty: the run was killed before it began");
        }
        return log;
    }

    private void readLines(Path file) throws IOException {
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(
                                Files.newInputStream(file), StandardCharsets.UTF_8))) {
            IllegalArgumentException damage = null;
            int number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                if (damage != null && !line.contains("\"RunStarted\"")) {
                    throw damaged(file, number - 1, damage);
                }
                if (damage != null) {
                    noteCut(number - 1);
                    damage = null;
                }
                try {
                    add(EventLine.read(line));
                } catch (IllegalArgumentException e) {
                    damage = e;
                }
            }
            if (damage != null && endsWithNewline(file)) {
                throw damaged(file, number, damage);
            }
            if (damage != null) {
                noteCut(number);
            }
        }
    }

    private void noteCut(int number) {
        notes.add("Line " + number + " of the log was cut short when the run was killed.");
    }

    private static IOException damaged(Path file, int number, IllegalArgumentException damage) {
        return new IOException(
                "%s line %d is damaged: %s".formatted(file, number, damage.getMessage()), damage);
    }

    private static boolean endsWithNewline(Path file) throws IOException {
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            ByteBuffer last = ByteBuffer.allocate(1);
            channel.position(channel.size() - 1).read(last);
            return last.get(0) == '\n';
        }
    }

    private void add(RunEvent event) {
        if (event instanceof Start next) {
            begin(next);
        } else if (start == null) {
            throw new IllegalArgumentException("an event before the first RunStarted");
        } else if (event instanceof Step && event.step() != lastStep() + 1) {
            throw new IllegalArgumentException(
                    "step %d follows step %d".formatted(event.step(), lastStep()));
        } else if (!(event instanceof Other)) {
            events.add(event);
        }
    }

    private void begin(Start next) {
        if (start != null) {
            if (!start.domains().equals(next.domains()) && all(Arrival.class).isEmpty()) {
                throw new IllegalArgumentException(
                        "goes on with the domains %s, began with %s"
                                .formatted(next.domains(), start.domains()));
            }
            long done = lastStep();
            events.removeIf(event -> event instanceof End || event.isVoidFrom(next.step()));
            notes.add(
                    "The run went on from its checkpoint of step %d; it had made %d steps."
                            .formatted(next.step(), done));
        }
        if (next.step() != lastStep()) {
            throw new IllegalArgumentException(
                    "goes on from step %d, and the log before it ends at step %d"
                            .formatted(next.step(), lastStep()));
        }
        start = next;
    }

    /** The run as it was after some steps. */
    RunLog first(long steps) {
        RunLog part = new RunLog(directory);
        part.start = start;
        part.notes.addAll(notes);
        events.stream().filter(event -> !event.isVoidFrom(steps)).forEach(part.events::add);
        return part;
    }

    /** The last update made, 0 before the first. */
    long lastStep() {
        for (int i = events.size() - 1; i >= 0; i--) {
            if (events.get(i) instanceof Step step) {
                return step.step();
            }
        }
        return 0;
    }

    /** The events of a kind, in order. */
    <E extends RunEvent> List<E> all(Class<E> kind) {
        return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    List<Step> steps() {
        return all(Step.class);
    }

    Path directory() {
        return directory;
    }

    /** How the newest part of the run was started. */
    Start start() {
        return start;
    }

    /** The domains of the pool; of a stream's, whose one domain grows, as it was at the end. */
    PoolDomains domains() {
        if (domains == null) {
            Map<String, Long> sizes = new LinkedHashMap<>(start.domains());
            all(Arrival.class)
                    .forEach(arrival -> sizes.replaceAll((domain, size) -> arrival.size()));
            domains = new PoolDomains(sizes);
        }
        return domains;
    }

    /** How the run stands, in words. */
    String state() {
        List<End> ends = all(End.class);
        if (ends.isEmpty()) {
            return "unfinished: killed, or still running";
        }
        return ends.get(ends.size() - 1).completed() ? "completed" : "stopped early, or failed";
    }

    /** What a reader of the log should know. */
    List<String> notes() {
        return notes;
    }
}
