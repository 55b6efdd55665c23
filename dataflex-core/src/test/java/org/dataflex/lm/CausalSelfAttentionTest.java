package org.dataflex.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class CausalSelfAttentionTest {

    private static final Shape STATES = new Shape(2, 5, 8);

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    private CausalSelfAttention attention(int numKeyValueHeads) {
        DecoderConfig config = TinyLm.config().optNumKeyValueHeads(numKeyValueHeads).build();
        CausalSelfAttention attention = new CausalSelfAttention("attn", config);
        for (Parameter parameter : attention.getParameters().values()) {
            long seed = parameter.getName().hashCode();
            parameter.setInitializer(new SeededNormal(0.5, seed));
        }
        return attention;
    }

    private static Parameter parameter(CausalSelfAttention attention, String name) {
        return attention.getParameters().values().stream()
                .filter(p -> p.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private float[] forward(CausalSelfAttention attention) {
        attention.initialize(manager, DataType.FLOAT32, STATES);
        NDList inputs =
                new NDList(new SeededNormal(1, 3).initialize(manager, STATES, DataType.FLOAT32));
        inputs.addAll(new RotaryEmbedding(2, 10_000, null).turns(manager, STATES.get(1)));
        return attention
                .forward(new ParameterStore(manager, false), inputs, false)
                .singletonOrThrow()
                .toFloatArray();
    }

    @Test
    void forward_sharedKeys_equalsOrdinaryAttentionWithTheKeysRepeated() {
        for (int shared : new int[] {1, 2}) {
            CausalSelfAttention grouped = attention(shared);
            float[] expected = forward(grouped);
            CausalSelfAttention ordinary = attention(4);
            for (String name : new String[] {"attn.k_proj.weight", "attn.v_proj.weight"}) {
                NDArray perGroup = parameter(grouped, name).getArray().reshape(shared, 2, 8);
                NDArray perHead = perGroup.repeat(0, 4 / shared).reshape(8, 8);
                parameter(ordinary, name).setInitializer((m, shape, type) -> perHead);
            }
            // the same sums, in matrices of other sizes
            assertArrayEquals(expected, forward(ordinary), 1e-6f);
        }
    }
}
