package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import org.dataflex.model.Projection;
import org.dataflex.torch.GradientOps;

/** A linear map of gradients to [k], applied to one parameter after the other. */
interface GradientMap {

    /** Rows of an array that mapped gradients are added to: [n, k], and which of them, [g]. */
    record Target(NDArray all, NDArray places) {

        /**
         * Adds.
         *
         * @param values [g, c]
         * @param column where the first of the columns goes
         */
        void add(NDArray values, long column) {
            GradientOps.addRows(all, places, values, column);
        }
    }

    /** Returns k. */
    long dimension();

    /**
     * Maps the part of gradients that belongs to a parameter.
     *
     * @param parameter its position among the parameters asked for
     * @param rows [g, size], to read only
     * @param target what the result is added to
     */
    void add(int parameter, NDArray rows, Target target);

    /**
     * Adds what {@link #add} may have held back.
     *
     * @param all the target, [n, k]
     */
    default void finish(NDArray all) {}

    /** Makes the map that a projection names. */
    static GradientMap of(Projection projection, AskedParameters asked) {
        if (projection instanceof Projection.Rademacher rademacher) {
            return new RademacherMap(rademacher, asked);
        }
        if (projection instanceof Projection.Kronecker kronecker) {
            return new KroneckerMap(kronecker, asked);
        }
        if (projection instanceof Projection.CountSketch sketch) {
            return new CountSketchMap(sketch, asked);
        }
        return new IdentityMap(asked);
    }

    /** Lets every coordinate be. */
    record IdentityMap(AskedParameters asked) implements GradientMap {

        @Override
        public long dimension() {
            return asked.start(asked.count());
        }

        @Override
        public void add(int parameter, NDArray rows, Target target) {
            target.add(rows, asked.start(parameter));
        }
    }
}
