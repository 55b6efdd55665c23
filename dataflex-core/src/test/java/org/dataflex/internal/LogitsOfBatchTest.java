package org.dataflex.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.dataflex.data.Samples;
import org.dataflex.data.TokenSequences;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.DecoderConfig;
import org.dataflex.lm.Lora;
import org.dataflex.lm.LoraConfig;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Batches of samples' gradients, of a vocabulary of which 16 tokens make 64 MB of logits. */
@ExtendWith(NoLeaks.class)
class LogitsOfBatchTest {

    private static final int VOCABULARY = 1 << 20;

    private static int[] batchSizes(boolean adapters) {
        CausalLm lm =
                new CausalLm(
                        DecoderConfig.builder()
                                .setVocabularySize(VOCABULARY)
                                .setHiddenSize(2)
                                .setNumLayers(1)
                                .setNumHeads(1)
                                .build(),
                        1);
        try (Model model = Model.newInstance("lm")) {
            model.setBlock(lm);
            lm.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 1));
            if (adapters) {
                Lora.attach(lm, LoraConfig.builder().setRank(1).build(), 1);
            }
            ModelGradients gradients =
                    new ModelGradients(lm, new CausalLmLoss(), null, model.getNDManager(), 4);
            return gradients.pass(AskedParameters.of(lm, name -> true)).batches(texts()).stream()
                    .mapToInt(places -> places.length)
                    .toArray();
        }
    }

    /** Four of 5 tokens, and one of 20. */
    private static Samples texts() {
        TokenSequences.Builder texts = TokenSequences.builder();
        IntStream.of(5, 5, 20, 5, 5).forEach(length -> texts.add(new int[length]));
        return Samples.all(texts.build());
    }

    @Test
    void trainedHead_batchesHave64MBOfLogitsOrOneSample() {
        assertEquals("[3, 1, 1]", Arrays.toString(batchSizes(false)));
    }

    @Test
    void frozenHead_whichTakesSomeTokensAtATime_doesNotBoundThem() {
        assertEquals("[5]", Arrays.toString(batchSizes(true)));
    }
}
