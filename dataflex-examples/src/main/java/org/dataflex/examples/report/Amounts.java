package org.dataflex.examples.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dataflex.examples.page.Series;

/**
 * Named amounts at ascending steps: rows of domains, proportions, seconds.
 *
 * <p>A chart tells {@value #MOST_NAMES} areas apart; of more names those with the least amounts are
 * drawn as one.
 */
final class Amounts {

    static final int MOST_NAMES = 7;

    private static final int MOST_POINTS = 120;

    /** Few, as a step's rows are a coarse measure of shares. */
    private static final int MOST_SHARES = 30;

    private final List<String> names;
    private final List<Long> steps = new ArrayList<>();
    private final List<double[]> rows = new ArrayList<>();

    Amounts(List<String> names) {
        this.names = List.copyOf(names);
    }

    /** Adds amounts; a name that is absent has none. To a step that is there already, adds up. */
    void add(long step, Map<String, ? extends Number> amounts) {
        if (steps.isEmpty() || steps.get(steps.size() - 1) != step) {
            steps.add(step);
            rows.add(new double[names.size()]);
        }
        double[] row = rows.get(rows.size() - 1);
        for (int i = 0; i < row.length; i++) {
            Number amount = amounts.get(names.get(i));
            row[i] += amount == null ? 0 : amount.doubleValue();
        }
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    /** The sum of a name's amounts. */
    double total(String name) {
        int i = names.indexOf(name);
        return rows.stream().mapToDouble(row -> row[i]).sum();
    }

    /** The sum of all amounts. */
    double total() {
        return names.stream().mapToDouble(this::total).sum();
    }

    /** A name's share of all amounts. */
    double share(String name) {
        return total(name) / total();
    }

    /**
     * Each name's share of every stretch, all along it: what a step adds lies before its number.
     */
    List<Series> shares() {
        Points points = new Points();
        for (Stretch stretch : Stretch.of(rows.size(), MOST_SHARES)) {
            double[] shares = shares(sum(stretch));
            int from = stretch.from();
            points.add(from == 0 ? steps.get(0) - 1 : steps.get(from - 1), shares);
            points.add(steps.get(stretch.to() - 1), shares);
        }
        return points.series();
    }

    /** Each name's share as what stays in force until the next; the last until a step. */
    List<Series> sharesInForce(long end) {
        Points points = new Points();
        List<Stretch> stretches = Stretch.of(rows.size(), MOST_POINTS);
        for (int i = 0; i < stretches.size(); i++) {
            double[] shares = shares(sum(stretches.get(i)));
            points.add(steps.get(stretches.get(i).from()), shares);
            boolean last = i + 1 == stretches.size();
            points.add(last ? end : steps.get(stretches.get(i + 1).from()), shares);
        }
        return points.series();
    }

    /** Each name's sum up to the end of every stretch. */
    List<Series> sums() {
        Points points = new Points();
        double[] sums = new double[names.size()];
        for (Stretch stretch : Stretch.of(rows.size(), MOST_POINTS)) {
            double[] more = sum(stretch);
            for (int i = 0; i < sums.length; i++) {
                sums[i] += more[i];
            }
            points.add(steps.get(stretch.to() - 1), sums.clone());
        }
        return points.series();
    }

    private double[] sum(Stretch stretch) {
        double[] sum = new double[names.size()];
        for (double[] row : stretch.of(rows)) {
            for (int i = 0; i < sum.length; i++) {
                sum[i] += row[i];
            }
        }
        return sum;
    }

    /** Proportions; gaps where there is nothing. */
    private static double[] shares(double[] amounts) {
        double all = 0;
        for (double amount : amounts) {
            all += amount;
        }
        double[] shares = new double[amounts.length];
        for (int i = 0; i < shares.length; i++) {
            shares[i] = amounts[i] / all;
        }
        return shares;
    }

    /** The names that are drawn, and what is drawn under each. */
    private Map<String, List<String>> drawn() {
        List<String> largest = new ArrayList<>(names);
        if (names.size() > MOST_NAMES) {
            largest.sort((a, b) -> Double.compare(total(b), total(a)));
            largest = largest.subList(0, MOST_NAMES - 1);
        }
        Map<String, List<String>> drawn = new LinkedHashMap<>();
        List<String> others = new ArrayList<>();
        for (String name : names) {
            if (largest.contains(name)) {
                drawn.put(name, List.of(name));
            } else {
                others.add(name);
            }
        }
        if (!others.isEmpty()) {
            drawn.put(others.size() + " others", others);
        }
        return drawn;
    }

    /** Collects the points of the series that are drawn. */
    private final class Points {

        private final List<Double> x = new ArrayList<>();
        private final List<double[]> y = new ArrayList<>();

        void add(double at, double[] values) {
            x.add(at);
            y.add(values);
        }

        List<Series> series() {
            List<Series> series = new ArrayList<>();
            double[] at = x.stream().mapToDouble(v -> v).toArray();
            drawn().forEach(
                            (name, parts) -> {
                                int[] columns = parts.stream().mapToInt(names::indexOf).toArray();
                                series.add(Series.of(name, at, column(columns)));
                            });
            return series;
        }

        private double[] column(int[] columns) {
            return y.stream()
                    .mapToDouble(
                            row -> {
                                double sum = 0;
                                for (int column : columns) {
                                    sum += row[column];
                                }
                                return sum;
                            })
                    .toArray();
        }
    }
}
