package org.dataflex.lm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import org.dataflex.testing.NoLeaks;
import org.dataflex.torch.Precision;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class PrecisionTest {

    private static final long[] TEXT = {3, 1, 4, 1, 5, 9};

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    private static void assertNear(NDArray expected, NDArray actual, String name) {
        assertEquals(DataType.FLOAT32, actual.getDataType(), name);
        float error = actual.sub(expected).norm().getFloat() / expected.norm().getFloat();
        // 28 products in a row, forward and backward, that round both sides by 2^-9 at most
        assertTrue(error < 28 * 2 / 512.0, name + " is off by " + error);
        assertTrue(error > 1e-6, name + " was not computed in bfloat16");
    }

    @Test
    void setPrecision_bfloat16_roundsLogitsAndGradientsAndKeepsTheirType() {
        for (boolean tied : new boolean[] {false, true}) {
            DecoderConfig config =
                    TinyLm.config().optTieWordEmbeddings(tied).optQueryKeyValueBias(true).build();
            CausalLm exact = TinyLm.model(manager, config);
            CausalLm rounded = TinyLm.model(manager, config);
            rounded.setPrecision(Precision.BFLOAT16);
            NDArray ids = TinyLm.ids(manager, TEXT);
            assertNear(
                    TinyLm.logits(exact, manager, new NDList(ids)),
                    TinyLm.logits(rounded, manager, new NDList(ids)),
                    "logits");
            TinyLm.backward(exact, manager, ids);
            TinyLm.backward(rounded, manager, ids);
            for (Parameter parameter : rounded.getParameters().values()) {
                String name = parameter.getName();
                if (name.endsWith("k_proj.bias")) {
                    continue; // shifts all scores of a query alike, but for the turns: near zero
                }
                assertNear(
                        TinyLm.value(exact, name).getGradient(),
                        parameter.getArray().getGradient(),
                        name);
            }
        }
    }

    @Test
    void setPrecision_backToFloat32_isAsBefore() {
        CausalLm model = TinyLm.model(manager);
        NDList inputs = new NDList(TinyLm.ids(manager, TEXT));
        NDArray before = TinyLm.logits(model, manager, inputs);
        model.setPrecision(Precision.BFLOAT16);
        assertNotEquals(before, TinyLm.logits(model, manager, inputs));
        model.setPrecision(Precision.FLOAT32);
        assertEquals(before, TinyLm.logits(model, manager, inputs));
    }
}
