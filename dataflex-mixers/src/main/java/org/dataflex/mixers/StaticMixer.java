package org.dataflex.mixers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.Domain;
import org.dataflex.math.Simplex;
import org.dataflex.strategy.Mixer;
import org.dataflex.strategy.MixingContext;
import org.dataflex.strategy.Mixture;

/**
 * Sets the same proportions at every update.
 *
 * <p>The usual way to mix, and the baseline of every other mixer. No paper.
 *
 * <p>Formula: p_i as given; or 1/K, uniform; or n_i / sum_j n_j, natural, for domains of n_i
 * samples.
 *
 * <p>Needs: nothing; no state. Cost: O(K) for K domains.
 *
 * <p>Deviations from DataFlex: proportions that do not sum to 1, or do not name exactly the pool's
 * domains, are errors; {@link #normalized} scales as DataFlex does. Domains can be named. The
 * default by name is natural, which DataFlex calls stratified, and not uniform.
 */
public final class StaticMixer implements Mixer {

    static final String NAME = "static";
    static final String UNIFORM = "uniform";
    static final String NATURAL = "natural";

    private static final double TOLERANCE = 1e-9; // as Mixture

    private final String proportions;
    private final Function<CandidatePool, double[]> rule;

    private StaticMixer(String proportions, Function<CandidatePool, double[]> rule) {
        this.proportions = proportions;
        this.rule = rule;
    }

    /**
     * Gives every domain the same share.
     *
     * @return a new mixer
     */
    public static StaticMixer uniform() {
        return new StaticMixer(UNIFORM, pool -> Simplex.uniform(pool.domains().size()));
    }

    /**
     * Gives every domain the share of its samples, so that all samples are drawn equally often.
     *
     * @return a new mixer
     */
    public static StaticMixer natural() {
        return new StaticMixer(NATURAL, StaticMixer::sizes);
    }

    /**
     * Gives named domains fixed shares.
     *
     * @param proportions a share for each domain of the pool, in [0, 1], summing to 1 within 1e-9
     * @return a new mixer; for a pool that has other domains no trainer can be built
     * @throws IllegalArgumentException if the shares are not a distribution
     */
    public static StaticMixer of(Map<String, Double> proportions) {
        Map<String, Double> shares = Collections.unmodifiableMap(new LinkedHashMap<>(proportions));
        shares.forEach((name, share) -> requireShare("proportion of " + name, share));
        requireSumOne(shares.values(), shares);
        String text =
                shares.entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .collect(Collectors.joining(","));
        return new StaticMixer(text, pool -> byName(pool.domains(), shares));
    }

    /**
     * Gives the domains fixed shares in the pool's order.
     *
     * @param proportions a share for each domain of the pool, in [0, 1], summing to 1 within 1e-9
     * @return a new mixer; for a pool that has more or fewer domains no trainer can be built
     * @throws IllegalArgumentException if the shares are not a distribution
     */
    public static StaticMixer of(double... proportions) {
        double[] shares = proportions.clone();
        for (int i = 0; i < shares.length; i++) {
            requireShare("proportion " + i, shares[i]);
        }
        List<Double> listed = DoubleStream.of(shares).boxed().toList();
        requireSumOne(listed, listed);
        String text = listed.stream().map(String::valueOf).collect(Collectors.joining(","));
        return new StaticMixer(text, pool -> inOrder(pool.domains(), shares));
    }

    /**
     * Gives domains the shares of a file, such as DoReMi makes.
     *
     * @param file as {@link ProportionsFile} describes it
     * @return a new mixer; for a pool that has other domains no trainer can be built
     * @throws IOException if the file cannot be read, or does not hold a distribution
     */
    public static StaticMixer ofFile(Path file) throws IOException {
        return of(ProportionsFile.read(file));
    }

    /**
     * Gives the domains shares in the ratio of values, such as 3 to 1, as DataFlex does.
     *
     * @param values one for each domain of the pool, in order: finite, at least 0, not all 0
     * @return the mixer of the values divided by their sum
     * @throws IllegalArgumentException naming the first value out of range
     */
    public static StaticMixer normalized(double... values) {
        return of(Simplex.normalize(values));
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("proportions", proportions);
    }

    /**
     * Refuses a pool whose domains are not those that proportions are given for.
     *
     * @throws IllegalArgumentException naming the domain
     */
    @Override
    public void check(CandidatePool pool) {
        proportions(pool);
    }

    @Override
    public Mixture mix(MixingContext context) {
        return Mixture.of(context.pool().domains(), proportions(context.pool()));
    }

    /** The proportions as a setting. */
    String text() {
        return proportions;
    }

    /** The share of each of a pool's domains, in order. */
    double[] proportions(CandidatePool pool) {
        return rule.apply(pool);
    }

    private static double[] sizes(CandidatePool pool) {
        return Simplex.normalize(
                pool.domains().stream().mapToDouble(d -> pool.samples(d).size()).toArray());
    }

    private static double[] byName(List<Domain> domains, Map<String, Double> shares) {
        List<String> names = domains.stream().map(Domain::name).toList();
        for (String name : shares.keySet()) {
            if (!names.contains(name)) {
                throw new IllegalArgumentException(
                        "a proportion is given for '"
                                + name
                                + "', which is no domain; the pool has "
                                + names);
            }
        }
        for (String name : names) {
            if (!shares.containsKey(name)) {
                throw new IllegalArgumentException(
                        "no proportion is given for '"
                                + name
                                + "', only for "
                                + shares.keySet()
                                + "; a proportion of 0 leaves a domain out");
            }
        }
        return names.stream().mapToDouble(shares::get).toArray();
    }

    private static double[] inOrder(List<Domain> domains, double[] shares) {
        if (shares.length != domains.size()) {
            throw new IllegalArgumentException(
                    shares.length
                            + " proportions are given, the pool has "
                            + domains.size()
                            + " domains: "
                            + domains);
        }
        return shares;
    }

    private static void requireShare(String name, Double share) {
        if (share == null || !(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException(name + " = " + share + ", must be in [0, 1]");
        }
    }

    private static void requireSumOne(Collection<Double> shares, Object shown) {
        double sum = shares.stream().mapToDouble(Double::doubleValue).sum();
        if (!(Math.abs(sum - 1) <= TOLERANCE)) {
            throw new IllegalArgumentException(
                    "proportions sum to " + sum + ", must sum to 1: " + shown);
        }
    }
}
