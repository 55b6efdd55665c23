package org.dataflex.data.store;

/**
 * What became of a dataset's rows; a row that became no sample is counted once.
 *
 * @param rows how many were read
 * @param samples how many samples they became; a text may be split into several
 * @param cut how many samples were cut, or texts split, because they were too long
 * @param tooLong how many rows were left out because they were too long
 * @param withoutTarget how many rows were left out because nothing to learn was left of them
 * @param invalid how many rows were left out because they were no samples
 * @param firstInvalid what was wrong with the first of those; empty if there was none
 * @param tokens how many tokens all samples have
 */
public record DatasetTally(
        long rows,
        long samples,
        long cut,
        long tooLong,
        long withoutTarget,
        long invalid,
        String firstInvalid,
        long tokens) {

    /** Says why there are no samples, and what to do. */
    String whyNone() {
        if (rows == 0) {
            return "its files have no rows; fill them or leave it out";
        }
        return ("of %d rows %d are too long, %d have nothing to learn within the cut-off length,"
                        + " %d are no samples%s; raise the one or mend the others")
                .formatted(
                        rows,
                        tooLong,
                        withoutTarget,
                        invalid,
                        invalid == 0 ? "" : " (" + firstInvalid + ")");
    }
}
