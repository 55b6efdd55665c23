package org.dataflex.model;

import java.util.Objects;

/** What becomes of a sample's gradient g before it is compared. */
public sealed interface Preconditioner {

    /** Nothing: G = g. */
    record None() implements Preconditioner {}

    /**
     * The step that Adam would take for the sample alone, without the learning rate.
     *
     * <p>With the moments m and v that the optimizer in training holds, elementwise:
     *
     * <pre>
     * m+ = beta1 m + (1 - beta1) g
     * v+ = beta2 v + (1 - beta2) g^2
     * Gamma = m+ / sqrt(v+ + epsilon)      inside the root
     * Gamma = m+ / (sqrt(v+) + epsilon)    outside
     * </pre>
     *
     * <p>With bias correction, m+ / (1 - beta1^t) and v+ / (1 - beta2^t) take the places of m+ and
     * v+; t is the number of the update that is next, 1 for the first. Moments that the optimizer
     * does not hold yet, as before its first update, are 0. Weight decay, clipping and an AMSGrad
     * maximum are no part of it. Betas and epsilon are those given here, whatever the optimizer
     * uses. Of a sample whose g is 0 there is nothing to step along: its Gamma is 0, not the step
     * that the moments alone would make.
     *
     * <p>Where v+ is well below epsilon (for 1e-8: a root mean square gradient below 1e-4), an
     * epsilon inside the root damps the coordinate, and one outside leaves little but its sign.
     *
     * @param beta1 the decay of m, from 0 to below 1
     * @param beta2 the decay of v, from 0 to below 1
     * @param epsilon what keeps the quotient finite, positive
     * @param placement where epsilon is added
     * @param biasCorrection whether the moments are corrected for their start at 0
     * @see <a href="https://arxiv.org/abs/2402.04333">LESS: Selecting Influential Data for Targeted
     *     Instruction Tuning</a>, section 2
     */
    record Adam(
            double beta1,
            double beta2,
            double epsilon,
            EpsilonPlacement placement,
            boolean biasCorrection)
            implements Preconditioner {

        /** LESS, princeton-nlp/LESS collect_grad_reps.py; also the default of torch and DJL. */
        private static final double BETA1 = 0.9;

        /** As {@link #BETA1}. */
        private static final double BETA2 = 0.999;

        /** As {@link #BETA1}. */
        private static final double EPSILON = 1e-8;

        /** Rejects null and numbers out of range. */
        public Adam {
            requireDecay("beta1", beta1);
            requireDecay("beta2", beta2);
            if (!(epsilon > 0 && epsilon <= Double.MAX_VALUE)) {
                throw new IllegalArgumentException("epsilon = " + epsilon + ", must be positive");
            }
            Objects.requireNonNull(placement, "placement");
        }

        /**
         * Asks for Gamma as the LESS paper's code computes it: epsilon 1e-8 inside the root, betas
         * 0.9 and 0.999, no bias correction.
         *
         * @return the preconditioner
         */
        public static Adam less() {
            return new Adam(BETA1, BETA2, EPSILON, EpsilonPlacement.INSIDE_ROOT, false);
        }

        /**
         * Asks for Gamma as DataFlex computes it, and Adam itself but for the bias: epsilon 1e-8
         * outside the root, betas 0.9 and 0.999, no bias correction.
         *
         * @return the preconditioner
         */
        public static Adam dataFlex() {
            return new Adam(BETA1, BETA2, EPSILON, EpsilonPlacement.OUTSIDE_ROOT, false);
        }

        /**
         * Asks for the moments to be corrected for their start at 0, as the LESS paper writes it.
         *
         * @return the same with bias correction
         */
        public Adam withBiasCorrection() {
            return new Adam(beta1, beta2, epsilon, placement, true);
        }

        private static void requireDecay(String name, double value) {
            if (!(value >= 0 && value < 1)) {
                throw new IllegalArgumentException(name + " = " + value + ", must be in [0, 1)");
            }
        }
    }

    /** Where Adam's epsilon is added. */
    enum EpsilonPlacement {
        /** sqrt(v + epsilon), as LESS has it. */
        INSIDE_ROOT,
        /** sqrt(v) + epsilon, as Adam and DataFlex have it. */
        OUTSIDE_ROOT
    }
}
