package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.dataflex.torch.BackwardOps;
import org.dataflex.torch.TorchOps;

/**
 * Transforms each token by itself: down(silu(gate(x)) * up(x)), where silu(g) = g * sigmoid(g).
 *
 * <p>[B, T, D] to [B, T, D], with F features between. See <a
 * href="https://arxiv.org/abs/2002.05202">GLU Variants Improve Transformer</a>, eq. 6 (SwiGLU).
 */
final class GatedMlp extends DecoderBlock {

    /** What Llama and Qwen call the gate, the way up and the way down. */
    static final List<String> PROJECTIONS = List.of("gate_proj", "up_proj", "down_proj");

    /** What Mixtral calls them. */
    static final List<String> NUMBERED = List.of("w1", "w3", "w2");

    private final LinearLayer gate;
    private final LinearLayer up;
    private final LinearLayer down;

    /**
     * Makes the block.
     *
     * @param path what comes before {@code .gate_proj.weight} in the parameters' names
     * @param names what gate, up and down are called: {@link #PROJECTIONS} or {@link #NUMBERED}
     * @param d features of a token, D
     * @param f features between, F
     */
    GatedMlp(String path, List<String> names, int d, int f) {
        gate = addLayer(path, names.get(0), d, f);
        up = addLayer(path, names.get(1), d, f);
        down = addLayer(path, names.get(2), f, d);
    }

    private LinearLayer addLayer(String path, String name, int inputs, int outputs) {
        return addChildBlock(name, new LinearLayer(path + "." + name, inputs, outputs, false));
    }

    @Override
    NDArray apply(DecoderPass pass, NDArray x) {
        NDList gateAndUp = LinearLayer.applyAll(pass, x, gate.precision(), gate, up); // [B, T, F]
        NDArray between =
                pass.operation(
                        gateAndUp,
                        xs -> TorchOps.siluGate(xs.get(0), xs.get(1)),
                        d -> BackwardOps.siluGate(d, gateAndUp.get(0), gateAndUp.get(1)));
        return LinearLayer.applyAll(pass, between, down.precision(), down).head();
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
