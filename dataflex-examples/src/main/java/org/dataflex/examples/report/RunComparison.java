package org.dataflex.examples.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.dataflex.examples.page.RunPage;

/**
 * Runs laid over each other, as a page. Runs that differ in nothing but the seed are drawn as one:
 * their mean, with its 95 % interval by Student's t.
 */
public final class RunComparison {

    private final List<RunGroup> groups;

    private RunComparison(List<RunGroup> groups) {
        this.groups = groups;
    }

    /**
     * Reads runs that made equally many steps.
     *
     * @param runDirectories where they left their events
     * @return the comparison; the first run's group is what others are compared to
     * @throws IOException if one is no run, or its log is damaged
     * @throws IllegalArgumentException if they cannot be compared: fewer than two, other pools,
     *     other numbers of steps, or two of the same settings and seed
     */
    public static RunComparison of(List<Path> runDirectories) throws IOException {
        return ofLogs(read(runDirectories));
    }

    /**
     * Reads the first steps of runs.
     *
     * @param runDirectories where they left their events
     * @param steps how many steps to compare, at least 1
     * @return the comparison
     * @throws IOException if one is no run, or its log is damaged
     * @throws IllegalArgumentException as {@link #of(List)}, or if one made fewer steps
     */
    public static RunComparison of(List<Path> runDirectories, long steps) throws IOException {
        if (steps < 1) {
            throw new IllegalArgumentException("steps = " + steps + ", must be at least 1");
        }
        List<RunLog> runs = new ArrayList<>();
        for (RunLog run : read(runDirectories)) {
            if (run.lastStep() < steps) {
                throw new IllegalArgumentException(
                        "steps = %d, and %s made %d only"
                                .formatted(steps, run.directory(), run.lastStep()));
            }
            runs.add(run.first(steps));
        }
        return ofLogs(runs);
    }

    private static List<RunLog> read(List<Path> directories) throws IOException {
        List<RunLog> runs = new ArrayList<>();
        for (Path directory : directories) {
            runs.add(RunLog.read(directory));
        }
        return runs;
    }

    private static RunComparison ofLogs(List<RunLog> runs) {
        if (runs.size() < 2) {
            throw new IllegalArgumentException(
                    "give two runs at least; there is nothing to compare");
        }
        RunLog first = runs.get(0);
        for (RunLog run : runs) {
            requireSamePool(first, run);
            requireSameSteps(first, run);
        }
        Map<Map<String, String>, List<RunLog>> bySettings = new LinkedHashMap<>();
        for (RunLog run : runs) {
            List<RunLog> group =
                    bySettings.computeIfAbsent(RunGroup.settingsOf(run), any -> new ArrayList<>());
            for (RunLog other : group) {
                requireOtherSeed(other, run);
            }
            group.add(run);
        }
        return new RunComparison(named(List.copyOf(bySettings.values())));
    }

    private static void requireSamePool(RunLog first, RunLog run) {
        String there = first.start().configuration().get("pool");
        String here = run.start().configuration().get("pool");
        if (!String.valueOf(there).equals(here)) {
            throw new IllegalArgumentException(
                    "%s and %s drew from different pools, so their losses and shares do not compare: %s and %s"
                            .formatted(first.directory(), run.directory(), there, here));
        }
    }

    private static void requireSameSteps(RunLog first, RunLog run) {
        if (first.lastStep() != run.lastStep()) {
            throw new IllegalArgumentException(
                    "%s made %d steps and %s made %d; compare the first %d steps of each"
                            .formatted(
                                    first.directory(),
                                    first.lastStep(),
                                    run.directory(),
                                    run.lastStep(),
                                    Math.min(first.lastStep(), run.lastStep())));
        }
    }

    private static void requireOtherSeed(RunLog other, RunLog run) {
        if (RunGroup.seedOf(other).equals(RunGroup.seedOf(run))) {
            throw new IllegalArgumentException(
                    "%s and %s have the same settings and the same seed %s: leave one out"
                            .formatted(other.directory(), run.directory(), RunGroup.seedOf(run)));
        }
    }

    private static List<RunGroup> named(List<List<RunLog>> groups) {
        List<RunGroup> named = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        for (List<RunLog> runs : groups) {
            String name = nameOf(runs);
            String distinct = name;
            for (int i = 2; !taken.add(distinct); i++) {
                distinct = name + " [" + i + "]";
            }
            List<RunLog> bySeed =
                    runs.stream()
                            .sorted(
                                    Comparator.comparing(
                                                    (RunLog run) -> RunGroup.seedOf(run).length())
                                            .thenComparing(RunGroup::seedOf))
                            .toList();
            named.add(new RunGroup(distinct, bySeed));
        }
        return named;
    }

    /** What the names of the runs begin with in common, and how many they are. */
    private static String nameOf(List<RunLog> runs) {
        List<String> names = runs.stream().map(RunGroup::nameOf).toList();
        String name = names.get(0);
        if (runs.size() == 1) {
            return name;
        }
        for (String other : names) {
            while (!other.startsWith(name)) {
                name = name.substring(0, name.length() - 1);
            }
        }
        boolean isWhole = names.contains(name);
        String stem = isWhole ? name : name.replaceAll("([-_. ]|seed)+$", "");
        return "%s (%d seeds)".formatted(stem.isEmpty() ? names.get(0) : stem, runs.size());
    }

    /**
     * Makes the page.
     *
     * @return the page
     */
    public RunPage page() {
        return new ComparisonSections(groups).page();
    }

    /**
     * Writes the page, in place of any older file.
     *
     * @param html the file
     * @throws IOException if the file cannot be written
     */
    public void write(Path html) throws IOException {
        page().write(html);
    }
}
