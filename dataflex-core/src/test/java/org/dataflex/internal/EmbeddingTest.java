package org.dataflex.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.dataflex.data.ByteTokens;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.Samples;
import org.dataflex.data.TokenSequences;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.DecoderConfig;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.model.Pooling;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Questions to a language model, whose samples have different lengths. */
@ExtendWith(NoLeaks.class)
class EmbeddingTest {

    private static final DecoderConfig CONFIG =
            DecoderConfig.builder()
                    .setVocabularySize(ByteTokens.VOCABULARY_SIZE)
                    .setHiddenSize(16)
                    .setNumLayers(2)
                    .setNumHeads(2)
                    .build();

    private final TokenSequences texts =
            ByteTokens.sequences(List.of("short", "a somewhat longer text", "mid size"), 64);

    @Test
    void embed_ofNothing_andInfer_ofTwoLengths_areRefused() {
        try (Model model = Model.newInstance("lm")) {
            model.setBlock(new CausalLm(CONFIG, 1));
            model.getBlock().initialize(model.getNDManager(), model.getDataType(), new Shape(1, 4));
            try (NDManager scope = model.getNDManager().newSubManager()) {
                DjlModelOps ops = new DjlModelOps(model, new CausalLmLoss(), scope, 1);
                Samples none = new Samples(texts, SampleIndices.range(0, 0));
                assertEquals(
                        "no samples to embed",
                        assertThrows(
                                        IllegalArgumentException.class,
                                        () -> ops.embed(none, Pooling.MEAN))
                                .getMessage());
                assertEquals(
                        "outputs of shape (6, 257) and (23, 257) a sample do not fit into one"
                                + " array; infer samples of equal lengths together, by"
                                + " Samples.chunks",
                        assertThrows(
                                        IllegalArgumentException.class,
                                        () -> ops.infer(Samples.all(texts)))
                                .getMessage());
            }
        }
    }

    @Test
    void embed_andLosses_doNotDependOnTheOthersInTheBatch() {
        try (Model model = Model.newInstance("lm")) {
            model.setBlock(new CausalLm(CONFIG, 1));
            model.getBlock().initialize(model.getNDManager(), model.getDataType(), new Shape(1, 4));
            try (NDManager scope = model.getNDManager().newSubManager()) {
                DjlModelOps ops = new DjlModelOps(model, new CausalLmLoss(), scope, 8);
                float[] losses = ops.losses(Samples.all(texts));
                for (Pooling pooling : Pooling.values()) {
                    NDArray all = ops.embed(Samples.all(texts), pooling);
                    assertEquals(new Shape(3, 16), all.getShape());
                    for (int i = 0; i < 3; i++) {
                        Samples one = new Samples(texts, SampleIndices.of(i));
                        assertArrayEquals(
                                ops.embed(one, pooling).toFloatArray(),
                                all.get(i).toFloatArray(),
                                1e-5f, // float32, other batch shapes
                                pooling + " " + i);
                        assertEquals(ops.losses(one)[0], losses[i], 1e-5f);
                    }
                }
            }
        }
    }
}
