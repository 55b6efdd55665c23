package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.training.dataset.Batch;
import java.util.Arrays;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.model.HiddenStates;
import org.dataflex.model.LinearHead;
import org.dataflex.model.Pooling;
import org.dataflex.model.UnsupportedModelException;
import org.dataflex.torch.GraphRecording;

/** What those who weigh a batch may see of its training pass. */
final class ShownBatch {

    private final LossPass pass;
    private final Batch batch;
    private final Block block;
    private final String lossName;
    private final float[] losses;
    private final TokenTable tokens; // null if the loss has no per-token form

    private ShownBatch(LossPass pass, Batch batch, RunSettings settings, float[] read) {
        int n = batch.getSize();
        this.pass = pass;
        this.batch = batch;
        this.block = settings.model.getBlock();
        this.lossName = settings.perSampleLoss().getName();
        this.losses = Arrays.copyOf(read, n);
        this.tokens =
                read.length == n
                        ? null
                        : new TokenTable(n, Arrays.copyOfRange(read, n, read.length));
    }

    /** Shows a pass before it goes back; looks at the device once. */
    static ShownBatch of(LossPass pass, Batch batch, RunSettings settings) {
        float[] read =
                GraphRecording.without(
                        () -> {
                            NDList all = new NDList(pass.losses());
                            pass.tokenLosses().map(TokenTable::parts).ifPresent(all::addAll);
                            try (NDArray joined = NDArrays.concat(all)) {
                                return joined.toFloatArray();
                            }
                        });
        return new ShownBatch(pass, batch, settings, read);
    }

    float[] losses() {
        return losses;
    }

    TokenTable tokens() {
        if (tokens == null) {
            throw new UnsupportedModelException(noTokenForm(lossName));
        }
        return tokens;
    }

    /** Says what is wrong with a loss. */
    static String noTokenForm(String loss) {
        return "the loss %s has no per-token form; train with %s"
                .formatted(loss, CausalLmLoss.class.getName());
    }

    /** Says what is wrong with a block. */
    static String noStates(Block block) {
        return block.getClass().getSimpleName()
                + " shows no hidden states of its training pass to embed a batch by; implement "
                + LinearHead.class.getName();
    }

    /** Pools the states of the pass; the result belongs to the batch. */
    NDArray embeddings(Pooling pooling) {
        NDArray states =
                pass.states().orElseThrow(() -> new UnsupportedModelException(noStates(block)));
        return GraphRecording.without(
                () -> {
                    NDArray mask = ((HiddenStates) block).tokenMask(batch.getData());
                    return TokenPooling.pool(states, mask, pooling);
                });
    }
}
