package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;

/**
 * Tells attention where tokens are, by turning pairs of features through angles proportional to the
 * position.
 *
 * <p>At position t, feature j of a head and feature j + K/2 are the two coordinates of a point that
 * is turned by t * theta^(-2j/K), or by what {@link RopeScaling} makes of that. The inner product
 * of a query at s and a key at t then depends on s - t alone. Llama's original code pairs
 * neighbours instead; Hugging Face permutes the rows of its query and key matrices to pair the
 * halves, as here.
 *
 * @see <a href="https://arxiv.org/abs/2104.09864">RoFormer: Enhanced Transformer with Rotary
 *     Position Embedding</a>, eq. 34
 * @see org.dataflex.torch.TorchOps#rotary
 */
final class RotaryEmbedding {

    /** Radians a position, by feature: those of the pairs, twice. */
    private final float[] frequencies;

    /**
     * Makes the embedding.
     *
     * @param headSize features of a head, K, even
     * @param theta the base of the frequencies
     * @param scaling what slows them, or null
     */
    RotaryEmbedding(int headSize, double theta, RopeScaling scaling) {
        frequencies = new float[headSize];
        int pairs = headSize / 2;
        for (int j = 0; j < pairs; j++) {
            double plain = Math.pow(theta, -2.0 * j / headSize);
            frequencies[j] = (float) (scaling == null ? plain : scaling.slowed(plain));
            frequencies[j + pairs] = frequencies[j];
        }
    }

    /**
     * Computes the turns of all positions, once a forward pass for all its layers.
     *
     * <p>That is cheap beside the pass, and leaves nothing behind that somebody must free.
     *
     * @param manager whose arrays the turns shall be, and on whose device
     * @param numTokens positions, T
     * @return cosines and sines, each [T, K]
     */
    NDList turns(NDManager manager, long numTokens) {
        return turns(manager.arange(0f, numTokens, 1f, DataType.FLOAT32).expandDims(1));
    }

    /**
     * Computes the turns of some positions.
     *
     * @param positions float32 [..., 1]
     * @return cosines and sines, each [..., K], of the manager of the positions
     */
    NDList turns(NDArray positions) {
        NDArray angles = positions.mul(positions.getManager().create(frequencies));
        return new NDList(angles.cos(), angles.sin());
    }
}
