package org.dataflex.optim;

import ai.djl.training.tracker.Tracker;
import java.util.Locale;

/**
 * A learning rate that rises linearly from 0 to its peak and then falls to a final value.
 *
 * <p>With W learning-rate warm-up steps, T steps in all, s the number of updates already made, and
 * r = (s - W) / (T - W) the share of the way after the warm-up:
 *
 * <pre>
 * s &lt; W         peak * s / W
 * W &lt;= s &lt; T    finalValue + (peak - finalValue) * f(r)
 * T &lt;= s        finalValue
 * </pre>
 *
 * where f(r) is (1 + cos(pi r)) / 2 for {@link #cosine}, 1 - r for {@link #linear} and 1 for {@link
 * #constant}, which has no T.
 *
 * <p>DJL counts updates from 1: {@code getNewValue(n)} is the learning rate of the n-th update, so
 * s = n - 1. These are the values of transformers' {@code get_cosine_schedule_with_warmup}, {@code
 * get_linear_schedule_with_warmup} and {@code get_constant_schedule_with_warmup}, whose n-th update
 * uses lambda(n - 1); like there, the first update of a warm-up has a learning rate of 0. One thing
 * differs: after the T planned updates transformers' cosine rises again, and this one stays at its
 * final value.
 *
 * <p>Immutable, and of updates only: nothing to save in a checkpoint.
 *
 * @see <a href="https://arxiv.org/abs/1608.03983">SGDR: Stochastic Gradient Descent with Warm
 *     Restarts</a>, eq. 5, of which {@link #cosine} is the first period
 */
public final class LearningRateSchedule implements Tracker {

    private static final int NEVER = Integer.MAX_VALUE;

    private final Form form;
    private final float peak;
    private final float finalValue;
    private final int warmUpSteps;
    private final int totalSteps;

    private LearningRateSchedule(
            Form form, float peak, float finalValue, int warmUpSteps, int totalSteps) {
        require(peak > 0 && Float.isFinite(peak), "peak = " + peak, "positive and finite");
        require(
                finalValue >= 0 && finalValue <= peak,
                "finalValue = " + finalValue,
                "between 0 and the peak, " + peak);
        require(totalSteps > 0, "totalSteps = " + totalSteps, "positive");
        require(
                warmUpSteps >= 0 && warmUpSteps <= totalSteps,
                "warmUpSteps = " + warmUpSteps,
                "between 0 and the total, " + totalSteps);
        this.form = form;
        this.peak = peak;
        this.finalValue = finalValue;
        this.warmUpSteps = warmUpSteps;
        this.totalSteps = totalSteps;
    }

    /**
     * Makes a schedule that falls along half a cosine.
     *
     * @param peak the learning rate after the warm-up, positive
     * @param finalValue the learning rate after all steps, from 0 to the peak
     * @param warmUpSteps how many updates the rate rises, from 0 to the total
     * @param totalSteps how many updates are planned, positive
     * @return the schedule
     * @throws IllegalArgumentException if an argument is out of range
     */
    public static LearningRateSchedule cosine(
            float peak, float finalValue, int warmUpSteps, int totalSteps) {
        return new LearningRateSchedule(Form.COSINE, peak, finalValue, warmUpSteps, totalSteps);
    }

    /**
     * Makes a schedule that falls along a line.
     *
     * @param peak the learning rate after the warm-up, positive
     * @param finalValue the learning rate after all steps, from 0 to the peak
     * @param warmUpSteps how many updates the rate rises, from 0 to the total
     * @param totalSteps how many updates are planned, positive
     * @return the schedule
     * @throws IllegalArgumentException if an argument is out of range
     */
    public static LearningRateSchedule linear(
            float peak, float finalValue, int warmUpSteps, int totalSteps) {
        return new LearningRateSchedule(Form.LINEAR, peak, finalValue, warmUpSteps, totalSteps);
    }

    /**
     * Makes a schedule that stays at its peak.
     *
     * @param peak the learning rate after the warm-up, positive
     * @param warmUpSteps how many updates the rate rises, at least 0
     * @return the schedule
     * @throws IllegalArgumentException if an argument is out of range
     */
    public static LearningRateSchedule constant(float peak, int warmUpSteps) {
        return new LearningRateSchedule(Form.CONSTANT, peak, peak, warmUpSteps, NEVER);
    }

    /**
     * Returns the learning rate of an update.
     *
     * @param numUpdate the update's number, from 1; a smaller one counts as 1
     * @return the learning rate, from 0 to the peak
     */
    @Override
    public float getNewValue(int numUpdate) {
        int step = Math.max(0, numUpdate - 1);
        if (step < warmUpSteps) {
            return (float) (peak * ((double) step / warmUpSteps));
        }
        if (step >= totalSteps) {
            return finalValue;
        }
        double progress = (double) (step - warmUpSteps) / (totalSteps - warmUpSteps);
        return (float) (finalValue + ((double) peak - finalValue) * form.remaining(progress));
    }

    /** Returns the schedule as the call that makes it. */
    @Override
    public String toString() {
        String name = form.name().toLowerCase(Locale.ROOT);
        return form == Form.CONSTANT
                ? name + "(" + peak + ", " + warmUpSteps + ")"
                : name
                        + "("
                        + peak
                        + ", "
                        + finalValue
                        + ", "
                        + warmUpSteps
                        + ", "
                        + totalSteps
                        + ")";
    }

    private static void require(boolean holds, String argument, String range) {
        if (!holds) {
            throw new IllegalArgumentException(argument + ", must be " + range);
        }
    }

    private enum Form {
        COSINE,
        LINEAR,
        CONSTANT;

        /** The share of the fall that is still to come, f(r). */
        double remaining(double progress) {
            return switch (this) {
                // StrictMath: the same bits on every machine
                case COSINE -> (1 + StrictMath.cos(Math.PI * progress)) / 2;
                case LINEAR -> 1 - progress;
                case CONSTANT -> 1;
            };
        }
    }
}
