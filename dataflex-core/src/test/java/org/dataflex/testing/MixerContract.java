package org.dataflex.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.Domain;
import org.dataflex.math.Simplex;
import org.dataflex.strategy.DomainLosses;
import org.dataflex.strategy.Mixer;
import org.dataflex.strategy.Mixture;
import org.dataflex.strategy.Stateful;
import org.dataflex.strategy.Strategies;
import org.junit.jupiter.api.Test;

/** What every mixer must do; a mixer's test implements this and adds what is its own. */
public interface MixerContract {

    /**
     * Makes the mixer under test, always with the same settings.
     *
     * @param domains the domains it will mix; most mixers need not know
     * @return a new mixer
     */
    Mixer create(List<Domain> domains);

    /**
     * Tells whether name and settings are enough to make the mixer.
     *
     * @return false if it needs an object, such as a reference model
     */
    default boolean isCreatableByName() {
        return true;
    }

    /**
     * Makes the model at a step.
     *
     * @param step the step
     * @return by default one whose losses all differ, and change with the step
     */
    default FakeModelOps modelAt(long step) {
        return FakeModelOps.withLosses(i -> 1 + 0.01 * (i * 31 % 97) + 0.001 * (i * step % 89));
    }

    @Test
    default void mix_anyNumberOfDomains_isADistributionOverThem() {
        for (int k : new int[] {1, 2, 7, 64}) {
            checkDistributions(pool(k), 1.5, 2.5, 3.5);
        }
    }

    @Test
    default void mix_extremeLosses_isADistribution() {
        for (int k : new int[] {1, 2, 7, 64}) {
            checkDistributions(pool(k), 0, 1e-30, 1e30);
            checkDistributions(pool(k), 0);
            checkDistributions(pool(k), Float.MAX_VALUE, Float.MIN_VALUE);
        }
    }

    private void checkDistributions(CandidatePool pool, double... losses) {
        Set<Domain> domains = Set.copyOf(pool.domains());
        for (Mixture mixture : answers(create(pool.domains()), pool, 7, losses)) {
            assertEquals(domains, mixture.proportions().keySet());
            double[] shares = mixture.toArray(pool.domains());
            assertTrue(Simplex.isDistribution(shares, 1e-9), () -> "no distribution: " + mixture);
        }
    }

    @Test
    default void mix_sameSeedAndState_givesTheSameAnswer() {
        for (CandidatePool pool : List.of(pool(2), pool(7))) {
            assertEquals(
                    answers(create(pool.domains()), pool, 7, 1.5, 2.5, 3.5),
                    answers(create(pool.domains()), pool, 7, 1.5, 2.5, 3.5));
        }
    }

    @Test
    default void restoreState_givesTheAnswersOfAnUninterruptedRun() {
        CandidatePool pool = pool(2);
        Mixer uninterrupted = create(pool.domains());
        assumeTrue(uninterrupted instanceof Stateful);
        Mixture first = answer(uninterrupted, pool, 7, 10, uniform(pool), 1.5, 2.5, 3.5);
        Map<String, double[]> state = ((Stateful) uninterrupted).saveState();
        Mixture second = answer(uninterrupted, pool, 7, 20, first, 3.5, 0.5);
        Mixture third = answer(uninterrupted, pool, 7, 30, second, 0.25);
        for (int resume = 0; resume < 2; resume++) { // twice: the first must not spoil the state
            Mixer resumed = create(pool.domains());
            ((Stateful) resumed).restoreState(state);
            assertEquals(second, answer(resumed, pool, 7, 20, first, 3.5, 0.5));
            assertEquals(third, answer(resumed, pool, 7, 30, second, 0.25));
        }
    }

    @Test
    default void restoreState_beforeTheFirstUpdate_givesTheSameAnswers() {
        CandidatePool pool = pool(2);
        Mixer fresh = create(pool.domains());
        assumeTrue(fresh instanceof Stateful);
        Mixer resumed = create(pool.domains());
        ((Stateful) resumed).restoreState(((Stateful) fresh).saveState());
        assertEquals(answers(fresh, pool, 7, 1.5, 2.5), answers(resumed, pool, 7, 1.5, 2.5));
    }

    @Test
    default void nameAndSettings_doNotChange() {
        CandidatePool pool = pool(2);
        Mixer mixer = create(pool.domains());
        String name = mixer.name();
        Map<String, String> settings = Map.copyOf(mixer.settings());
        answers(mixer, pool, 7, 1.5, 2.5);
        assertEquals(name, mixer.name());
        assertEquals(settings, mixer.settings());
    }

    @Test
    default void createByName_givesTheSameMixer() {
        assumeTrue(isCreatableByName());
        CandidatePool pool = pool(7);
        Mixer made = create(pool.domains());
        Mixer named = Strategies.create(Mixer.class, made.name(), made.settings());
        assertEquals(made.getClass(), named.getClass());
        assertEquals(made.name(), named.name());
        assertEquals(made.settings(), named.settings());
        assertEquals(answers(made, pool, 7, 1.5, 2.5), answers(named, pool, 7, 1.5, 2.5));
    }

    /** Four updates: before the first step, then after a few observations each. */
    private List<Mixture> answers(Mixer mixer, CandidatePool pool, long seed, double... losses) {
        List<Mixture> mixtures = new ArrayList<>();
        mixtures.add(answer(mixer, pool, seed, 0, uniform(pool)));
        for (long step = 10; step <= 30; step += 10) {
            Mixture current = mixtures.get(mixtures.size() - 1);
            mixtures.add(answer(mixer, pool, seed, step, current, losses));
        }
        return mixtures;
    }

    private Mixture answer(
            Mixer mixer, CandidatePool pool, long seed, long step, Mixture now, double... losses) {
        DomainLosses[] observations =
                losses.length == 0
                        ? new DomainLosses[0]
                        : LongStream.range(step - 4, step)
                                .mapToObj(s -> observation(pool, s, now, losses))
                                .toArray(DomainLosses[]::new);
        return mixer.mix(
                FakeContexts.of(pool)
                        .withSeed(seed)
                        .atStep(step)
                        .withModel(modelAt(step))
                        .mixing(now, observations));
    }

    /** Each third domain is not drawn, a different third at each step. */
    private static DomainLosses observation(
            CandidatePool pool, long step, Mixture mixture, double... losses) {
        Map<Domain, Double> seen = new LinkedHashMap<>();
        for (int i = 0; i < pool.domains().size(); i++) {
            Domain domain = pool.domains().get(i);
            if ((i + step) % 3 != 0 && mixture.of(domain) > 0) {
                seen.put(domain, losses[(int) ((i + step) % losses.length)]);
            }
        }
        return new DomainLosses(step, mixture, seen);
    }

    private static Mixture uniform(CandidatePool pool) {
        return Mixture.of(pool.domains(), Simplex.uniform(pool.domains().size()));
    }

    private static CandidatePool pool(int domains) {
        return FakePool.ofSizes(LongStream.rangeClosed(1, domains).map(i -> 5 * i).toArray());
    }
}
