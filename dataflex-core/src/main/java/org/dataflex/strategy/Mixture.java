package org.dataflex.strategy;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dataflex.data.Domain;

/**
 * Domain proportions that sum to 1.
 *
 * @param proportions each in [0, 1], their sum within 1e-9 of 1; the order is kept
 */
public record Mixture(Map<Domain, Double> proportions) implements Decision {

    private static final double TOLERANCE = 1e-9;

    /** Copies, and rejects what is not a distribution. */
    public Mixture {
        proportions = Collections.unmodifiableMap(new LinkedHashMap<>(proportions));
        double sum = 0;
        for (Map.Entry<Domain, Double> entry : proportions.entrySet()) {
            double p = entry.getValue();
            if (!(p >= 0 && p <= 1)) {
                throw new IllegalArgumentException(
                        "proportion of " + entry.getKey() + " = " + p + ", must be in [0, 1]");
            }
            sum += p;
        }
        if (!(Math.abs(sum - 1) <= TOLERANCE)) {
            throw new IllegalArgumentException(
                    "proportions sum to " + sum + ", not 1: " + proportions);
        }
    }

    /**
     * Pairs domains with proportions.
     *
     * @param domains the domains
     * @param proportions one for each domain, in order
     * @return the mixture
     * @throws IllegalArgumentException if the numbers differ or are not a distribution
     */
    public static Mixture of(List<Domain> domains, double... proportions) {
        if (domains.size() != proportions.length) {
            throw new IllegalArgumentException(
                    proportions.length
                            + " proportions for "
                            + domains.size()
                            + " domains "
                            + domains);
        }
        Map<Domain, Double> map = new LinkedHashMap<>();
        for (int i = 0; i < proportions.length; i++) {
            map.put(domains.get(i), proportions[i]);
        }
        return new Mixture(map);
    }

    /**
     * Returns the proportions in an order of your own.
     *
     * @param domains the domains, each in this mixture
     * @return their proportions
     * @throws IllegalArgumentException if the mixture lacks a domain
     */
    public double[] toArray(List<Domain> domains) {
        return domains.stream().mapToDouble(this::of).toArray();
    }

    /**
     * Returns one proportion.
     *
     * @param domain a domain of this mixture
     * @return its proportion
     * @throws IllegalArgumentException if the mixture lacks the domain
     */
    public double of(Domain domain) {
        Double proportion = proportions.get(domain);
        if (proportion == null) {
            throw new IllegalArgumentException(
                    "no proportion for domain " + domain + ", only for " + proportions.keySet());
        }
        return proportion;
    }
}
