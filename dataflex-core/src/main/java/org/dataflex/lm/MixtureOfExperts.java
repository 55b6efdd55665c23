package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import java.util.ArrayList;
import java.util.List;
import org.dataflex.torch.GraphRecording;

/**
 * Sends each token to the experts that a router prefers for it, and adds up what they make of it.
 *
 * <p>With p = softmax(router(x)) over E experts and S the k largest: y = sum over e in S of w_e
 * expert_e(x), where w_e = p_e, or p_e over the sum of S's where that is {@link
 * ExpertConfig#normalised}. Qwen2-MoE adds sigmoid(gate(x)) shared(x). Each expert is a {@link
 * GatedMlp}. See <a href="https://arxiv.org/abs/2401.04088">Mixtral of Experts</a>, section 2.1.
 *
 * <p>Every expert computes every token, and what it was not chosen for counts 0. That costs E/k
 * times the products of a layer that gathers each expert's tokens; but no shape depends on the
 * data, so that the device is never waited for, and the gradients of single samples come as in any
 * other layer.
 *
 * <p>[B, T, D] to [B, T, D].
 */
final class MixtureOfExperts extends DecoderBlock {

    private final ExpertConfig config;
    private final LinearLayer router;
    private final List<GatedMlp> experts = new ArrayList<>();

    /** The expert of all tokens and what scales it, or null where there is none. */
    private final GatedMlp shared;

    private final LinearLayer sharedGate;

    /**
     * Makes the block.
     *
     * @param path what comes before {@code .gate.weight} in the router's name
     * @param names what the three matrices of an expert are called
     * @param hiddenSize features of a token, D
     * @param config the experts
     */
    MixtureOfExperts(String path, List<String> names, int hiddenSize, ExpertConfig config) {
        this.config = config;
        int e = config.numExperts();
        router = addChildBlock("gate", new LinearLayer(path + ".gate", hiddenSize, e, false));
        for (int i = 0; i < e; i++) {
            String own = path + ".experts." + i;
            GatedMlp expert = new GatedMlp(own, names, hiddenSize, config.expertSize());
            experts.add(addChildBlock("expert" + i, expert));
        }
        if (config.sharedSize() > 0) {
            String own = path + ".shared_expert";
            GatedMlp expert = new GatedMlp(own, names, hiddenSize, config.sharedSize());
            LinearLayer gate = new LinearLayer(own + "_gate", hiddenSize, 1, false);
            shared = addChildBlock("shared_expert", expert);
            sharedGate = addChildBlock("shared_expert_gate", gate);
        } else {
            shared = null;
            sharedGate = null;
        }
    }

    LinearLayer router() {
        return router;
    }

    @Override
    NDArray apply(DecoderPass pass, NDArray x) {
        NDList weights = weights(pass, x).split(config.numExperts(), 2); // [B, T, 1] each
        NDArray y = experts.get(0).apply(pass, x).mul(weights.get(0));
        for (int e = 1; e < experts.size(); e++) {
            y = y.add(experts.get(e).apply(pass, x).mul(weights.get(e)));
        }
        if (shared == null) {
            return y;
        }
        NDArray gate = Activation.sigmoid(sharedGate.apply(pass, x)); // [B, T, 1]
        return y.add(shared.apply(pass, x).mul(gate));
    }

    /** The weight of each expert for each token, 0 where it is not among the k: [B, T, E]. */
    private NDArray weights(DecoderPass pass, NDArray x) {
        NDArray p = router.apply(pass, x).softmax(-1);
        NDArray chosen = GraphRecording.without(() -> chosen(p));
        pass.tellRoutes(chosen);
        NDArray weights = p.mul(chosen);
        return config.normalised() ? weights.div(weights.sum(new int[] {2}, true)) : weights;
    }

    /** 1 for each token's k likeliest experts, else 0: [B, T, E]. */
    private NDArray chosen(NDArray p) {
        NDArray indices = p.topK(config.expertsPerToken(), 2).get(1); // [B, T, k]
        return indices.oneHot(config.numExperts(), p.getDataType()).sum(new int[] {2});
    }

    @Override
    protected void initializeChildBlocks(
            NDManager manager, DataType dataType, Shape... inputShapes) {
        getChildren().values().forEach(child -> child.initialize(manager, dataType, inputShapes));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {inputShapes[0]};
    }
}
