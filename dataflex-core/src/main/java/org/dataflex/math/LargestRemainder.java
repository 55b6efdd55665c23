package org.dataflex.math;

/**
 * Divides a number of rows among domains by their shares: whole parts first, then largest
 * remainder.
 *
 * <p>A remainder within 1e-9 of the largest counts as equal to it, and the lowest index of the
 * equal wins; so rounding errors of the shares do not decide. Cost: O(k^2) for k domains.
 */
public final class LargestRemainder {
    /*
     * With carry, credit_d = total * share_d + carry_d and each row goes to the domain with the
     * largest credit left; where no credit is negative this is the largest remainder method. The
     * carries sum to 0, so at each row at least 1 is left in all, and the largest is at least 1/k:
     *
     *   carry_d >= 1/k - 1.
     *
     * Above: let A_j be the most that the mean of some j carries can be. Take after a batch the j
     * largest carries, of mean M, and let m other domains have got rows in it. Their last rows
     * went to them while they had more credit left than any of the j would keep, so the j + m
     * domains had, before the batch, a mean of at least M - m/(j+m) (or, if m = 0, of at least M).
     * By induction from A_k = 0, A_j <= 1/(j+1) + ... + 1/k, and for j = 1
     *
     *   carry_d <= 1/2 + 1/3 + ... + 1/k.
     *
     * No rule that does not know the shares to come can do better: shares that always go evenly to
     * the domains not yet served reach the bound (a test does). With knowledge of the future 1 is
     * possible: R. Tijdeman, The chairman assignment problem, Discrete Mathematics 32 (1980).
     */

    private static final double EQUAL_WITHIN = 1e-9;

    /** Far above what rounding leaves, far below one row: more is no carry of ours. */
    private static final double CARRY_SUM_WITHIN = 1e-3;

    private LargestRemainder() {}

    /**
     * Divides rows among domains.
     *
     * @param total how many rows, at least 0
     * @param shares k of them, finite, at least 0, not all 0; need not sum to 1
     * @return k counts that sum to {@code total}, each less than one from {@code total} times the
     *     normalised share; 0 where the share is 0
     * @throws IllegalArgumentException if {@code total} is negative or {@code shares} is empty, has
     *     a negative or infinite value or NaN, or is all 0
     */
    public static int[] allocate(int total, double[] shares) {
        Arguments.notNull("shares", shares);
        return allocate(total, shares, new double[shares.length]);
    }

    /**
     * Divides the rows of one batch of many, so that what rounding takes from a domain in one batch
     * it gets back in a later one.
     *
     * <p>Domain d's credit is {@code total} times its normalised share, plus its carry; rows go to
     * the largest credits, and what is left is the new carry. A carry is therefore the rows that
     * the domain was to get in all batches so far, less those it got. With k domains, whatever the
     * totals and shares of the batches are,
     *
     * <ul>
     *   <li>no carry is below 1/k - 1: no domain is ever a full row ahead;
     *   <li>no carry is above 1/2 + 1/3 + ... + 1/k: with up to three domains none is a full row
     *       behind; with 4, 16, 64 domains none is more than 1.09, 2.39, 3.75 rows behind.
     * </ul>
     *
     * <p>No rule can do better without knowing the shares to come: shares that change against the
     * domains in arrears reach the upper bound. With fixed shares, a search over up to 32 domains
     * met nothing above 1.4 rows.
     *
     * @param total how many rows, at least 0
     * @param shares k of them, finite, at least 0, not all 0; need not sum to 1
     * @param carry k carries, zeros before the first batch; changed to the new carries
     * @return k counts that sum to {@code total}, none negative; 0 where share and carry are 0
     * @throws IllegalArgumentException as {@link #allocate(int, double[])}, or if {@code carry} is
     *     not of length k, has a value further than k from 0, or does not sum to about 0; {@code
     *     carry} is then unchanged
     */
    public static int[] allocate(int total, double[] shares, double[] carry) {
        Arguments.atLeast("total", total, 0);
        double[] p = Simplex.normalize("shares", shares);
        double[] credits = credits(total, p, carry, checkedSum(carry, p.length));
        int[] counts = takeWholeRows(credits);
        long missing = total - sum(counts);
        for (; missing > 0; missing--) {
            int domain = firstLargest(credits);
            counts[domain]++;
            credits[domain]--;
        }
        for (; missing < 0; missing++) { // negative carries of others: not all can be paid now
            int domain = lastSmallest(credits, counts);
            counts[domain]--;
            credits[domain]++;
        }
        System.arraycopy(credits, 0, carry, 0, carry.length);
        return counts;
    }

    /** Credits sum to total: the rounding errors of earlier batches are spread by share. */
    private static double[] credits(int total, double[] p, double[] carry, double carrySum) {
        double[] credits = new double[p.length];
        for (int d = 0; d < p.length; d++) {
            credits[d] = (total - carrySum) * p[d] + carry[d];
        }
        return credits;
    }

    private static int[] takeWholeRows(double[] credits) {
        int[] counts = new int[credits.length];
        for (int d = 0; d < credits.length; d++) {
            counts[d] = (int) Math.max(0, Math.floor(credits[d]));
            credits[d] -= counts[d];
        }
        return counts;
    }

    private static int firstLargest(double[] credits) {
        double largest = Double.NEGATIVE_INFINITY;
        for (double credit : credits) {
            largest = Math.max(largest, credit);
        }
        int domain = 0;
        while (credits[domain] < largest - EQUAL_WITHIN) {
            domain++;
        }
        return domain;
    }

    /** Finds, among the domains that have rows, the one whose last row was bought with least. */
    private static int lastSmallest(double[] credits, int[] counts) {
        double smallest = Double.POSITIVE_INFINITY;
        for (int d = 0; d < credits.length; d++) {
            smallest = counts[d] > 0 ? Math.min(smallest, credits[d]) : smallest;
        }
        int domain = credits.length - 1;
        while (counts[domain] == 0 || credits[domain] > smallest + EQUAL_WITHIN) {
            domain--;
        }
        return domain;
    }

    private static double checkedSum(double[] carry, int size) {
        Arguments.notNull("carry", carry);
        if (carry.length != size) {
            throw new IllegalArgumentException(
                    "carry has length " + carry.length + ", must be that of shares, " + size);
        }
        double sum = 0;
        for (int d = 0; d < size; d++) {
            if (!(Math.abs(carry[d]) <= size)) {
                throw new IllegalArgumentException(
                        Arguments.element("carry", d, carry[d])
                                + ", must be within "
                                + size
                                + " of 0");
            }
            sum += carry[d];
        }
        if (Math.abs(sum) > CARRY_SUM_WITHIN) {
            throw new IllegalArgumentException("sum of carry = " + sum + ", must be about 0");
        }
        return sum;
    }

    private static long sum(int[] counts) {
        long sum = 0;
        for (int count : counts) {
            sum += count;
        }
        return sum;
    }
}
