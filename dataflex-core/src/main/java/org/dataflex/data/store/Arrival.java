package org.dataflex.data.store;

/**
 * What a run took from a stream at a step.
 *
 * @param step optimizer updates made before
 * @param fingerprint of its sequences; empty if there are none
 * @param tally what became of the rows
 * @param position of the stream behind them
 */
record Arrival(long step, String fingerprint, DatasetTally tally, String position) {

    /** Only of the last arrival anybody asks for the position, which may be long. */
    Arrival withoutPosition() {
        return new Arrival(step, fingerprint, tally, null);
    }
}
