package org.dataflex.mixers;

/**
 * How much more a proxy model loses on a step's tokens than a reference, by domain.
 *
 * <p>lambda_i = sum over the tokens of domain i of max(l_proxy - l_ref, 0) / the number of them.
 */
final class ExcessLoss {

    private final double[] sums;
    private final long[] tokens;

    ExcessLoss(int domains) {
        sums = new double[domains];
        tokens = new long[domains];
    }

    int domains() {
        return sums.length;
    }

    /**
     * Adds a sample.
     *
     * @param domain its domain
     * @param proxy the proxy's losses of its target tokens, in nats
     * @param reference the reference's losses of the same tokens
     */
    void add(int domain, float[] proxy, float[] reference) {
        for (int t = 0; t < proxy.length; t++) {
            sums[domain] += Math.max((double) proxy[t] - reference[t], 0);
        }
        tokens[domain] += proxy.length;
    }

    /** Whether there was a token of the domain. */
    boolean has(int domain) {
        return tokens[domain] > 0;
    }

    /** lambda_i, in nats a token; the domain must have had one. */
    double of(int domain) {
        return sums[domain] / tokens[domain];
    }
}
