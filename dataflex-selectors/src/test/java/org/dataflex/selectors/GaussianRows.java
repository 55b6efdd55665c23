package org.dataflex.selectors;

import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.dataflex.math.Seeds;

/** Random vectors for tests, such as the gradients or the embedding of a sample. */
final class GaussianRows {

    private GaussianRows() {}

    static double[] of(int size, long seed, long... index) {
        RandomGenerator random = Seeds.generator(seed, index);
        return IntStream.range(0, size).mapToDouble(k -> random.nextGaussian()).toArray();
    }
}
