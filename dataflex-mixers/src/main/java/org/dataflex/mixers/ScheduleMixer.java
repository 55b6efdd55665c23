package org.dataflex.mixers;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.dataflex.data.CandidatePool;
import org.dataflex.math.Simplex;
import org.dataflex.strategy.Mixer;
import org.dataflex.strategy.MixingContext;
import org.dataflex.strategy.Mixture;

/**
 * Sets proportions that are planned ahead, by step: stages that hold and linear ramps between them.
 *
 * <p>Usual where some domains shall come late, such as instructions or a better source for the last
 * tenth of a run. No paper.
 *
 * <p>Formula, for stages with proportions p_s, the s-th beginning at step a_s and complete at b_s
 * (b_s = a_s unless it is a ramp):
 *
 * <pre>
 * p(t) = p_s                                                     for b_s &lt;= t &lt;= a_{s+1}
 * p(t) = p_{s-1} + (p_s - p_{s-1}) (t - a_s) / (b_s - a_s)       for a_s &lt;= t &lt;= b_s
 * </pre>
 *
 * <p>where t is the number of updates made. At an update the mixer sets p(t) until the next, so a
 * ramp is as smooth as the mixer's schedule is dense.
 *
 * <p>Needs: nothing; no state. Cost: O(K) for K domains.
 *
 * <p>Deviations from DataFlex: it has no such mixer.
 */
public final class ScheduleMixer implements Mixer {

    static final String NAME = "schedule";

    /** From {@code begin} on a way to the proportions, which are reached at {@code end}. */
    private record Stage(long begin, long end, StaticMixer proportions) {

        @Override
        public String toString() {
            String steps = begin == end ? String.valueOf(begin) : begin + ".." + end;
            return steps + ": " + proportions.text();
        }
    }

    private final List<Stage> stages;

    private ScheduleMixer(List<Stage> stages) {
        this.stages = List.copyOf(stages);
    }

    /**
     * Starts a mixer.
     *
     * @return a new builder; a stage that begins at step 0 is required
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Map<String, String> settings() {
        return Map.of(
                "stages", stages.stream().map(Stage::toString).collect(Collectors.joining("; ")));
    }

    /**
     * Refuses a pool whose domains are not those that proportions are given for.
     *
     * @throws IllegalArgumentException naming the stage and the domain
     */
    @Override
    public void check(CandidatePool pool) {
        for (Stage stage : stages) {
            try {
                stage.proportions().check(pool);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("stage '" + stage + "': " + e.getMessage(), e);
            }
        }
    }

    @Override
    public Mixture mix(MixingContext context) {
        CandidatePool pool = context.pool();
        int last = stages.size() - 1;
        while (stages.get(last).begin() > context.step()) {
            last--;
        }
        Stage stage = stages.get(last);
        double[] target = stage.proportions().proportions(pool);
        if (context.step() >= stage.end()) {
            return Mixture.of(pool.domains(), target);
        }
        double[] from = stages.get(last - 1).proportions().proportions(pool);
        double done = (context.step() - stage.begin()) / (double) (stage.end() - stage.begin());
        return Mixture.of(pool.domains(), between(from, target, done));
    }

    /** p + (q - p) done. */
    private static double[] between(double[] p, double[] q, double done) {
        double[] mixed = new double[p.length];
        for (int i = 0; i < p.length; i++) {
            mixed[i] = (1 - done) * p[i] + done * q[i];
        }
        return Simplex.normalize(mixed);
    }

    /** Collects the stages of a {@link ScheduleMixer}, in the order of their steps. */
    public static final class Builder {

        private final List<Stage> stages = new ArrayList<>();

        private Builder() {}

        /**
         * Adds proportions that hold from a step on.
         *
         * @param step updates made when they begin: 0 for the first stage, later ones not before
         *     the one before is reached
         * @param proportions what to hold
         * @return this
         * @throws IllegalArgumentException if the step is out of range
         */
        public Builder addStage(long step, StaticMixer proportions) {
            return add(new Stage(step, step, Objects.requireNonNull(proportions, "proportions")));
        }

        /**
         * Adds proportions that are approached linearly from those of the stage before, and then
         * hold.
         *
         * @param begin updates made when the stage before is left
         * @param end updates made when the proportions are reached, more than {@code begin}
         * @param proportions where to go
         * @return this
         * @throws IllegalArgumentException if there is no stage before, or a step is out of range
         */
        public Builder addRamp(long begin, long end, StaticMixer proportions) {
            if (end <= begin) {
                throw new IllegalArgumentException(
                        "ramp " + begin + ".." + end + ", must end after it begins");
            }
            if (stages.isEmpty()) {
                throw new IllegalArgumentException(
                        "ramp "
                                + begin
                                + ".."
                                + end
                                + " has nothing to begin from; add a stage at step 0 first");
            }
            return add(new Stage(begin, end, Objects.requireNonNull(proportions, "proportions")));
        }

        private Builder add(Stage stage) {
            if (stages.isEmpty() && stage.begin() != 0) {
                throw new IllegalArgumentException(
                        "the first stage begins at step " + stage.begin() + ", must begin at 0");
            }
            if (!stages.isEmpty()) {
                Stage before = stages.get(stages.size() - 1);
                boolean follows = stage.begin() >= before.end() && stage.end() > before.begin();
                if (!follows) {
                    throw new IllegalArgumentException(
                            "stage '"
                                    + stage
                                    + "' begins before '"
                                    + before
                                    + "' is reached or at the same step; list stages by step");
                }
            }
            stages.add(stage);
            return this;
        }

        /**
         * Makes the mixer.
         *
         * @return a new mixer
         * @throws IllegalArgumentException if there is no stage
         */
        public ScheduleMixer build() {
            if (stages.isEmpty()) {
                throw new IllegalArgumentException("no stages; add one at step 0");
            }
            return new ScheduleMixer(stages);
        }
    }
}
