package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.dataflex.torch.TorchOps;

/**
 * Transforms each token by itself: down(silu(gate(x)) * up(x)), where silu(g) = g * sigmoid(g).
 *
 * <p>[B, T, D] to [B, T, D], with F features between. See <a
 * href="https://arxiv.org/abs/2002.05202">GLU Variants Improve Transformer</a>, eq. 6 (SwiGLU).
 */
final class GatedMlp extends DecoderBlock {

    private final LinearLayer gate;
    private final LinearLayer up;
    private final LinearLayer down;

    /**
     * Makes the block.
     *
     * @param path what comes before {@code .gate_proj.weight} in the parameters' names
     * @param config the sizes
     */
    GatedMlp(String path, DecoderConfig config) {
        int d = config.hiddenSize();
        int f = config.intermediateSize();
        gate = addChildBlock("gate_proj", new LinearLayer(path + ".gate_proj", d, f, false));
        up = addChildBlock("up_proj", new LinearLayer(path + ".up_proj", d, f, false));
        down = addChildBlock("down_proj", new LinearLayer(path + ".down_proj", f, d, false));
    }

    @Override
    NDArray apply(DecoderPass pass, NDArray x) {
        NDList gateAndUp = LinearLayer.applyAll(pass, x, gate, up); // [B, T, F] each
        return down.apply(pass, TorchOps.siluGate(gateAndUp.get(0), gateAndUp.get(1)));
    }

    @Override
    protected void initializeChildBlocks(
            NDManager manager, DataType dataType, Shape... inputShapes) {
        gate.initialize(manager, dataType, inputShapes);
        up.initialize(manager, dataType, inputShapes);
        down.initialize(manager, dataType, gate.getOutputShapes(inputShapes));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {inputShapes[0]};
    }
}
