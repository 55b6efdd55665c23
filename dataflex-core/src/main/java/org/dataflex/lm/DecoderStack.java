package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Embedding;
import java.util.List;

/**
 * The decoder without its head: token ids [B, T] to states [B, T, D].
 *
 * @param embedding the embedding's matrix, [V, D]
 * @param layers the decoder layers
 * @param norm what the last layer's output goes through
 */
record DecoderStack(Parameter embedding, List<DecoderLayer> layers, RmsNorm norm) {

    NDArray states(DecoderPass pass, NDArray ids) {
        NDArray x = lookup(pass, ids);
        for (DecoderLayer layer : layers) {
            x = layer.apply(pass, x);
        }
        return finish(pass, x);
    }

    /** What the layers' output becomes: [B, T, D]. */
    NDArray finish(DecoderPass pass, NDArray x) {
        return pass.unpack(norm.apply(pass, x));
    }

    /** What the layers start from: [B, T, D], or [1, N, D] if the pass is packed. */
    NDArray lookup(DecoderPass pass, NDArray ids) {
        NDArray table = pass.value(embedding, ids);
        NDArray x = Embedding.embedding(ids, table, SparseFormat.DENSE).singletonOrThrow();
        pass.tellLookup(embedding, ids, x);
        return pass.pack(x);
    }

    /** The first layer with something to train; the number of layers if there is none. */
    int firstTrainedLayer() {
        int i = 0;
        while (i < layers.size() && !isTrained(layers.get(i))) {
            i++;
        }
        return i;
    }

    private static boolean isTrained(DecoderLayer layer) {
        return layer.getParameters().values().stream().anyMatch(Parameter::requiresGradient);
    }
}
