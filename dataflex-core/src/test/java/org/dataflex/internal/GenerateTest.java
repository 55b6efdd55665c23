package org.dataflex.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.util.List;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.DecoderConfig;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.loss.ClassificationLoss;
import org.dataflex.model.GenerationOptions;
import org.dataflex.model.UnsupportedModelException;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.TinyRuns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class GenerateTest {

    private static final List<int[]> PROMPTS = List.of(new int[] {1, 2, 3}, new int[] {4});

    private static GenerationOptions options() {
        return GenerationOptions.builder().setMaxNewTokens(4).optTemperature(1).optSeed(3).build();
    }

    @Test
    void generate_asksTheBlock() {
        try (Model model = Model.newInstance("lm");
                NDManager scope = model.getNDManager().newSubManager()) {
            CausalLm decoder = new CausalLm(DecoderConfig.small(11), 1);
            model.setBlock(decoder);
            decoder.initialize(model.getNDManager(), model.getDataType(), new Shape(1, 4));
            DjlModelOps ops = new DjlModelOps(model, new CausalLmLoss(), scope, 8);
            List<int[]> answers = ops.generate(PROMPTS, options());
            List<int[]> expected =
                    decoder.generate(new ParameterStore(scope, false), scope, PROMPTS, options());
            assertEquals(PROMPTS.size(), answers.size());
            for (int i = 0; i < answers.size(); i++) {
                assertArrayEquals(expected.get(i), answers.get(i));
            }
        }
    }

    @Test
    void generate_aBlockThatContinuesNothing_isRefused() {
        try (Model model = TinyRuns.model();
                NDManager scope = model.getNDManager().newSubManager()) {
            DjlModelOps ops = new DjlModelOps(model, new ClassificationLoss(), scope, 8);
            UnsupportedModelException e =
                    assertThrows(
                            UnsupportedModelException.class,
                            () -> ops.generate(PROMPTS, options()));
            assertEquals(
                    "SequentialBlock continues no texts; implement"
                            + " org.dataflex.model.GenerativeBlock",
                    e.getMessage());
        }
    }
}
