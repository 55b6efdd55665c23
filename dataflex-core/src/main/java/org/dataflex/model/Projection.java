package org.dataflex.model;

/** A fixed linear map that each gradient goes through; the same settings give the same map. */
public sealed interface Projection {

    /** No map: k is the number of parameter values. */
    record Identity() implements Projection {}

    /**
     * A Johnson-Lindenstrauss map with entries +-1/sqrt(dimension), so that inner products keep
     * their expected value.
     *
     * @param dimension k, at least 1
     * @param seed of the map
     */
    record Rademacher(int dimension, long seed) implements Projection {

        /** Rejects a dimension below 1. */
        public Rademacher {
            requirePositive("dimension", dimension);
        }
    }

    /**
     * Maps each matrix parameter's gradient G [m, n] to L G R', and a vector's to R g.
     *
     * <p>L [min(rows, m), m] and R [min(columns, n), n] have entries +-1/sqrt(rows) and
     * +-1/sqrt(columns), or are the identity where the side is not larger than asked; inner
     * products keep their expected value. The results stand one after the other in the block's
     * order, so k is at most rows x columns for each matrix. An array of more than two axes counts
     * as a matrix of [first axis, all others].
     *
     * @param rows the size of the output side, at least 1
     * @param columns the size of the input side, at least 1
     * @param seed of the map
     * @see <a href="https://arxiv.org/abs/2405.13954">What is Your Data Worth to GPT? LLM-Scale
     *     Data Valuation with Influence Functions</a>, section 3 (LoGra)
     */
    record Kronecker(int rows, int columns, long seed) implements Projection {

        /** Rejects sizes below 1. */
        public Kronecker {
            requirePositive("rows", rows);
            requirePositive("columns", columns);
        }
    }

    /**
     * Adds coordinate j of the gradient, with a random sign s(j), to bucket h(j): one addition a
     * coordinate, whatever the dimension; inner products keep their expected value.
     *
     * @param dimension k, the number of buckets, at least 1
     * @param seed of signs and buckets
     * @see <a href="https://arxiv.org/abs/0902.2206">Feature Hashing for Large Scale Multitask
     *     Learning</a>, section 2
     */
    record CountSketch(int dimension, long seed) implements Projection {

        /** Rejects a dimension below 1. */
        public CountSketch {
            requirePositive("dimension", dimension);
        }
    }

    private static void requirePositive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(
                    "projection " + name + " = " + value + ", must be at least 1");
        }
    }
}
