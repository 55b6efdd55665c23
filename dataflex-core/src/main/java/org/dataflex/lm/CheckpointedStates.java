package org.dataflex.lm;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.dataflex.model.BackbonePass;
import org.dataflex.torch.GraphRecording;

/**
 * Keeps the inputs of the layers only, and runs each layer again when the backward pass comes to
 * it.
 *
 * <p>Activation memory falls from all that autograd keeps of L layers to L inputs [B, T, D] and one
 * layer's; the price is one more forward pass. See <a
 * href="https://arxiv.org/abs/1604.06174">Training Deep Nets with Sublinear Memory Cost</a>. With
 * dropout, each layer gets a seed of its own, so that the second run drops what the first did.
 */
final class CheckpointedStates implements BackbonePass {

    private final DecoderStack stack;
    private final DecoderPass pass;
    private final int firstTrained;
    private final NDArray embedded;
    private final List<NDArray> inputs = new ArrayList<>();
    private final Integer seed;
    private final NDArray last;
    private final NDArray states;

    CheckpointedStates(DecoderStack stack, DecoderPass pass, NDArray ids, boolean hasDropout) {
        this.stack = stack;
        this.pass = pass;
        firstTrained = stack.firstTrainedLayer();
        seed = hasDropout ? drawSeed(ids) : null;
        embedded = stack.lookup(pass, ids);
        NDArray x = embedded.stopGradient();
        for (int i = 0; i < stack.layers().size(); i++) {
            inputs.add(x);
            x = unrecorded(i, x);
        }
        last = x;
        last.setRequiresGradient(needsGradient(inputs.size()));
        states = stack.finish(pass, last);
    }

    private static int drawSeed(NDArray ids) {
        try (NDArray drawn =
                ids.getManager()
                        .randomInteger(0, Integer.MAX_VALUE, new Shape(1), DataType.INT32)) {
            return drawn.toIntArray()[0];
        }
    }

    private NDArray unrecorded(int layer, NDArray x) {
        return GraphRecording.without(() -> run(layer, x));
    }

    private NDArray run(int layer, NDArray x) {
        if (seed != null) {
            Engine.getInstance().setRandomSeed(seed + layer);
        }
        return stack.layers().get(layer).apply(pass, x);
    }

    /** Whether anything before a layer is trained. */
    private boolean needsGradient(int layer) {
        return stack.embedding().requiresGradient() || firstTrained < layer;
    }

    @Override
    public NDArray states() {
        return states;
    }

    @Override
    public void backward() {
        NDArray output = last;
        for (int i = inputs.size() - 1; i >= 0 && needsGradient(i + 1); i--) {
            NDArray x = inputs.get(i);
            x.setRequiresGradient(needsGradient(i));
            try (NDArray y = run(i, x)) {
                passOn(output, y);
            }
            output = x;
        }
        if (stack.embedding().requiresGradient()) {
            passOn(output, embedded);
        }
    }

    /** Gives a recorded array the gradient that its unrecorded copy got, and frees the copy. */
    private static void passOn(NDArray copy, NDArray recorded) {
        try (copy;
                NDArray gradient = copy.getGradient()) {
            GraphRecording.backward(recorded, gradient);
        }
    }
}
