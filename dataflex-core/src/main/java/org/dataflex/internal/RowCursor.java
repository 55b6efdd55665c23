package org.dataflex.internal;

import org.dataflex.data.SampleIndices;
import org.dataflex.math.SeededPermutation;
import org.dataflex.math.Seeds;

/**
 * Draws from a list of samples without replacement, in a new random order each time all have been
 * drawn. What comes next depends on (seed, rows, round, number drawn) only.
 */
final class RowCursor {

    private final long seed;
    private SampleIndices all;
    private SampleIndices rows;

    /** Whether {@link #rows} are a selection, and the step it was made at. */
    private boolean selected;

    private long round;
    private long drawn;
    private SeededPermutation order;

    RowCursor(SampleIndices all, long seed) {
        this.all = all;
        this.seed = seed;
        this.rows = all;
    }

    /** Draws from a selection from now on. */
    void select(SampleIndices selection, long step) {
        restore(selection, step, 0);
    }

    /** Stands for other samples from now on; a selection stays in force. */
    void replaceAll(SampleIndices samples, long step) {
        all = samples;
        if (!selected) {
            restore(null, step, 0);
        }
    }

    /** Goes on where another cursor over the same samples was; null rows stand for all. */
    void restore(SampleIndices selection, long round, long drawn) {
        this.selected = selection != null;
        this.rows = selected ? selection : all;
        this.round = round;
        this.drawn = drawn;
        this.order = null;
    }

    long next() {
        long size = rows.size();
        if (order == null || drawn % size == 0) {
            order = new SeededPermutation(size, Seeds.mix(seed, round, drawn / size));
        }
        return rows.get((int) order.at(drawn++ % size));
    }

    SampleIndices all() {
        return all;
    }

    /** The selection drawn from, or null if all samples are. */
    SampleIndices selection() {
        return selected ? rows : null;
    }

    long round() {
        return round;
    }

    long drawn() {
        return drawn;
    }
}
