package org.dataflex.mixers;

import java.util.Arrays;
import java.util.List;
import org.dataflex.math.Simplex;

/**
 * How far the domains' use of experts is from one another.
 *
 * <p>With o_i the shares of domain i's tokens that a layer's experts get: Delta_i = mean over all
 * domains j, i included, of |o_i - o_j|.
 */
final class RoutingDistances {

    private RoutingDistances() {}

    /**
     * Compares domains at the last layer.
     *
     * @param loads each domain's tokens by layer and expert; none for a domain without samples
     * @return Delta, a number a domain; 0 for all if no domain has samples
     */
    static double[] ofLastLayer(List<double[][]> loads) {
        int last = numLayers(loads) - 1;
        return last < 0 ? new double[loads.size()] : ofLayer(loads, last);
    }

    /**
     * Compares domains at every layer and averages.
     *
     * @param loads as for {@link #ofLastLayer}
     * @return the mean of the layers' Delta
     */
    static double[] ofAllLayers(List<double[][]> loads) {
        int layers = numLayers(loads);
        double[] mean = new double[loads.size()];
        for (int layer = 0; layer < layers; layer++) {
            double[] own = ofLayer(loads, layer);
            for (int i = 0; i < mean.length; i++) {
                mean[i] += own[i] / layers;
            }
        }
        return mean;
    }

    private static int numLayers(List<double[][]> loads) {
        return loads.stream().mapToInt(domain -> domain.length).max().orElse(0);
    }

    private static double[] ofLayer(List<double[][]> loads, int layer) {
        int experts =
                loads.stream()
                        .filter(domain -> domain.length > 0)
                        .mapToInt(domain -> domain[layer].length)
                        .findFirst()
                        .orElseThrow();
        double[][] shares =
                loads.stream()
                        .map(domain -> shares(domain, layer, experts))
                        .toArray(double[][]::new);
        double[] distances = new double[shares.length];
        for (int i = 0; i < shares.length; i++) {
            for (double[] other : shares) {
                distances[i] += distance(shares[i], other) / shares.length;
            }
        }
        return distances;
    }

    /** Uniform where nothing was counted. */
    private static double[] shares(double[][] domain, int layer, int experts) {
        boolean isCounted = domain.length > 0 && Arrays.stream(domain[layer]).sum() > 0;
        return isCounted ? Simplex.normalize(domain[layer]) : Simplex.uniform(experts);
    }

    private static double distance(double[] a, double[] b) {
        double sum = 0;
        for (int e = 0; e < a.length; e++) {
            sum += (a[e] - b[e]) * (a[e] - b[e]);
        }
        return Math.sqrt(sum);
    }
}
