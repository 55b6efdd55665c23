package org.dataflex.examples.config;

import java.util.Locale;
import java.util.Optional;
import org.dataflex.data.CandidatePool;
import org.dataflex.math.Simplex;
import org.dataflex.strategy.Mixture;
import org.dataflex.strategy.Settings;

/**
 * The keys of the proportions that are in force before a mixer's first answer.
 *
 * @param rule where they come from ({@code mixture_sample_rule}; default: mixture if there are
 *     proportions, else stratified)
 * @param proportions one a dataset, in order; empty: equal ({@code init_mixture_proportions})
 * @param isStatic whether they stay in force ({@code static_mix}, false)
 */
public record MixtureKeys(Rule rule, double[] proportions, boolean isStatic) {

    /** Where the proportions come from. */
    public enum Rule {
        /** They are given. */
        MIXTURE,
        /** The datasets' sizes. */
        STRATIFIED,
        /** All are equal. */
        UNIFORM
    }

    /**
     * Reads the keys.
     *
     * @param keys the file's
     * @return their values
     * @throws IllegalArgumentException if proportions are given that the rule does not use
     */
    public static MixtureKeys read(Settings keys) {
        double[] proportions = keys.decimals("init_mixture_proportions");
        Rule usual = proportions.length > 0 ? Rule.MIXTURE : Rule.STRATIFIED;
        Rule rule = keys.choice("mixture_sample_rule", usual);
        if (proportions.length > 0 && rule != Rule.MIXTURE) {
            throw new IllegalArgumentException(
                    "init_mixture_proportions is set, but mixture_sample_rule = "
                            + rule.name().toLowerCase(Locale.ROOT)
                            + " does not use it; set mixture_sample_rule: mixture");
        }
        return new MixtureKeys(rule, proportions, keys.flag("static_mix", false));
    }

    /**
     * Returns the initial mixture.
     *
     * @param pool the pool
     * @return the mixture; empty for the pool's own proportions
     * @throws IllegalArgumentException if there are more or fewer proportions than domains
     */
    public Optional<Mixture> initial(CandidatePool pool) {
        if (rule == Rule.STRATIFIED) {
            return Optional.empty();
        }
        int domains = pool.domains().size();
        if (rule == Rule.UNIFORM || proportions.length == 0) {
            return Optional.of(Mixture.of(pool.domains(), Simplex.uniform(domains)));
        }
        if (proportions.length != domains) {
            throw new IllegalArgumentException(
                    "init_mixture_proportions has "
                            + proportions.length
                            + " numbers for "
                            + domains
                            + " datasets; give one to each");
        }
        return Optional.of(Mixture.of(pool.domains(), Simplex.normalize(proportions)));
    }
}
