package org.dataflex.examples.report;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.dataflex.examples.Interval;
import org.dataflex.examples.page.Ribbon;
import org.dataflex.examples.page.Series;

/**
 * Runs that differ in nothing but the seed.
 *
 * @param name what a page calls them
 * @param runs at least one, by ascending seed
 */
record RunGroup(String name, List<RunLog> runs) {

    /**
     * The last part of a run directory's path; the part before where the last is {@code run}, as
     * the command line has it in every output directory.
     */
    static String nameOf(RunLog run) {
        Path directory = run.directory().toAbsolutePath().normalize();
        Path named = directory.endsWith("run") ? directory.getParent() : directory;
        Path name = named.getFileName();
        return name == null ? run.directory().toString() : name.toString();
    }

    static String seedOf(RunLog run) {
        return run.start().configuration().getOrDefault("seed", "");
    }

    /** What runs of a group share: all of the configuration but the seed. */
    static Map<String, String> settingsOf(RunLog run) {
        Map<String, String> settings = new LinkedHashMap<>(run.start().configuration());
        settings.remove("seed");
        return settings;
    }

    List<String> seeds() {
        return runs.stream().map(RunGroup::seedOf).toList();
    }

    Map<String, String> settings() {
        return settingsOf(runs.get(0));
    }

    /** A number of each run, as mean and interval. */
    Interval over(ToDoubleFunction<RunLog> number) {
        return Interval.of(runs.stream().mapToDouble(number).toArray());
    }

    /** Numbers by step of each run: their mean over the runs, at the steps that all have. */
    Line mean(Function<RunLog, Map<Long, Double>> numbers) {
        List<Map<Long, Double>> each = runs.stream().map(numbers).toList();
        TreeSet<Long> steps = new TreeSet<>(each.get(0).keySet());
        each.forEach(run -> steps.retainAll(run.keySet()));
        List<Interval> intervals =
                steps.stream()
                        .map(
                                step ->
                                        Interval.of(
                                                each.stream()
                                                        .mapToDouble(run -> run.get(step))
                                                        .toArray()))
                        .toList();
        return new Line(steps.stream().mapToDouble(s -> s).toArray(), intervals);
    }

    /** Means and intervals at ascending steps. */
    record Line(double[] steps, List<Interval> intervals) {

        Series series(String name, boolean dashed) {
            return new Series(
                    name, steps, intervals.stream().mapToDouble(Interval::mean).toArray(), dashed);
        }

        /** The intervals; gaps where a single run has none. */
        Ribbon ribbon(String name) {
            double[] low = new double[steps.length];
            double[] high = new double[steps.length];
            IntStream.range(0, steps.length)
                    .forEach(
                            i -> {
                                Interval interval = intervals.get(i);
                                low[i] = interval.mean() - interval.halfWidth();
                                high[i] = interval.mean() + interval.halfWidth();
                            });
            return new Ribbon(name, steps, low, high);
        }
    }
}
