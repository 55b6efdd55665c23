package org.dataflex.lm;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A language model of a few hundred numbers, its samples and its loss. */
final class TinyLm {

    static final int VOCABULARY_SIZE = 11;

    private TinyLm() {}

    /** Two layers, four heads that share two keys, head size 2. */
    static DecoderConfigBuilder config() {
        return DecoderConfig.builder()
                .setVocabularySize(VOCABULARY_SIZE)
                .setHiddenSize(8)
                .setNumLayers(2)
                .setNumHeads(4)
                .optIntermediateSize(12)
                .optNumKeyValueHeads(2)
                .optMaxPositions(16);
    }

    /** Makes a model whose values are large enough for everything to matter, norms included. */
    static CausalLm model(NDManager manager, DecoderConfig config, DataType dataType) {
        CausalLm model = new CausalLm(config, 1);
        long seed = 100;
        for (Pair<String, Parameter> named : model.getParameters()) {
            SeededNormal noise = new SeededNormal(0.5, seed++);
            boolean isNorm = named.getValue().getType() == Parameter.Type.GAMMA;
            named.getValue()
                    .setInitializer(
                            (m, shape, type) ->
                                    noise.initialize(m, shape, type).addi(isNorm ? 1 : 0));
        }
        model.initialize(manager, dataType, new Shape(1, 1));
        return model;
    }

    static CausalLm model(NDManager manager, DecoderConfig config) {
        return model(manager, config, DataType.FLOAT32);
    }

    static CausalLm model(NDManager manager) {
        return model(manager, config().build());
    }

    static NDArray ids(NDManager manager, long[]... rows) {
        long[] all = Arrays.stream(rows).flatMapToLong(Arrays::stream).toArray();
        return manager.create(all, new Shape(rows.length, rows[0].length));
    }

    static NDArray logits(CausalLm model, NDManager manager, NDList inputs) {
        return model.forward(new ParameterStore(manager, false), inputs, false).singletonOrThrow();
    }

    /** The mean next-token loss of all real tokens, [B, T, V] logits, [B, T] ids and mask. */
    static NDArray loss(NDArray logits, NDArray ids, NDArray mask) {
        NDArray next = ids.get(new NDIndex(":, 1:")).expandDims(2);
        NDArray isReal = mask.get(new NDIndex(":, 1:"));
        NDArray nll =
                logits.get(new NDIndex(":, :-1")).logSoftmax(-1).gather(next, 2).squeeze(2).neg();
        return nll.mul(isReal).sum().div(isReal.sum());
    }

    /** Adds the gradients of the mean next-token loss to those of the parameters. */
    static float backward(CausalLm model, NDManager manager, NDArray ids) {
        ParameterStore store = new ParameterStore(manager, false);
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            NDArray logits = model.forward(store, new NDList(ids), true).singletonOrThrow();
            NDArray loss = loss(logits, ids, ids.onesLike().toType(DataType.FLOAT32, false));
            collector.backward(loss);
            return (float) loss.toType(DataType.FLOAT64, false).getDouble();
        }
    }

    /** Makes wrong what still reads memory that Java has freed. */
    static void overwriteFreedJavaMemory() throws InterruptedException {
        System.gc();
        Thread.sleep(50); // freeing happens on another thread
        List<ByteBuffer> buffers = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            for (int numFloats = 1; numFloats <= 8; numFloats *= 2) {
                ByteBuffer buffer = ByteBuffer.allocateDirect(4 * numFloats);
                while (buffer.hasRemaining()) {
                    buffer.put((byte) 0x44); // 4444 4444 is the float 785
                }
                buffers.add(buffer);
            }
        }
    }

    static NDArray value(CausalLm model, String name) {
        return model.getParameters().get(name).getArray();
    }
}
