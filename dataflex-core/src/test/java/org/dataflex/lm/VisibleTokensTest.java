package org.dataflex.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
class VisibleTokensTest {

    private static final long[] SHORT = {2, 7, 1};
    private static final long[] LONG = {3, 1, 4, 1, 5, 9};

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    private NDList inputs(long[][] ids, float... mask) {
        Shape shape = new Shape(ids.length, ids[0].length);
        NDList inputs = new NDList(TinyLm.ids(manager, ids));
        if (mask.length > 0) {
            inputs.add(manager.create(mask, shape));
        }
        return inputs;
    }

    @Test
    void mask_noPaddingOrOnTheRight_isNotNeeded() {
        assertNull(VisibleTokens.mask(inputs(new long[][] {LONG}), 0));
        assertNull(VisibleTokens.mask(inputs(new long[][] {LONG}, 1, 1, 1, 1, 1, 1), 0));
        assertNull(VisibleTokens.mask(inputs(new long[][] {LONG}, 1, 1, 1, 0, 0, 0), 0));
        assertNull(VisibleTokens.mask(inputs(new long[][] {{3}}, 1), 0));
        assertNull(VisibleTokens.mask(inputs(new long[][] {LONG}), 6));
    }

    @Test
    void mask_paddingOnTheLeft_hidesIt() {
        NDList inputs = inputs(new long[][] {SHORT, SHORT}, 0, 1, 1, 1, 1, 1);
        NDArray mask = VisibleTokens.mask(inputs, 0);
        assertEquals(new Shape(2, 1, 1, 3), mask.getShape());
        assertEquals(DataType.BOOLEAN, mask.getDataType());
        assertSame(manager, mask.getManager());
        boolean[] expected = {false, true, true, true, true, true};
        assertArrayEquals(expected, mask.toBooleanArray());
    }

    @Test
    void real_padding_hidesIt() {
        NDArray isReal =
                VisibleTokens.real(manager.create(new float[] {0, 1, 1, 1}, new Shape(2, 2)));
        assertEquals(new Shape(2, 1, 1, 2), isReal.getShape());
        assertArrayEquals(new boolean[] {false, true, true, true}, isReal.toBooleanArray());
    }

    @Test
    void mask_windowAndPadding_hidesBoth() {
        NDArray mask = VisibleTokens.mask(inputs(new long[][] {SHORT}, 0, 1, 1), 2);
        assertEquals(new Shape(1, 1, 3, 3), mask.getShape());
        boolean[] expected = {false, false, false, false, true, false, false, true, true};
        assertArrayEquals(expected, mask.toBooleanArray());
    }

    @Test
    void forward_paddingOnTheRight_leavesLogitsOfRealTokens() {
        CausalLm model = TinyLm.model(manager);
        NDArray ids = TinyLm.ids(manager, LONG, new long[] {2, 7, 1, 0, 0, 0});
        NDArray mask =
                manager.create(new float[] {1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0}, new Shape(2, 6));
        NDArray padded = TinyLm.logits(model, manager, new NDList(ids, mask));
        NDArray alone = TinyLm.logits(model, manager, inputs(new long[][] {SHORT}));
        assertArrayEquals(
                alone.get(0).toFloatArray(),
                padded.get(new NDIndex("1, :3")).toFloatArray(),
                1e-5f); // float32 sums in matrices of another size
    }

    /** Whatever the padding holds: zeros or other tokens. */
    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void forward_paddingOnTheLeft_leavesLogitsOfRealTokens(int window) {
        CausalLm model = TinyLm.model(manager, TinyLm.config().optSlidingWindow(window).build());
        NDArray alone = TinyLm.logits(model, manager, inputs(new long[][] {SHORT}));
        NDArray both = TinyLm.logits(model, manager, inputs(new long[][] {LONG}));
        for (long pad : new long[] {0, 8}) {
            long[][] rows = {LONG, {pad, pad, pad, 2, 7, 1}};
            NDList inputs = inputs(rows, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 1);
            NDArray padded = TinyLm.logits(model, manager, inputs);
            // positions are other ones, and only their differences count: float32 angles
            assertArrayEquals(
                    alone.get(0).toFloatArray(),
                    padded.get(new NDIndex("1, 3:")).toFloatArray(),
                    1e-5f);
            assertArrayEquals(
                    both.get(0).toFloatArray(), padded.get(0).toFloatArray(), 1e-5f); // as above
            assertFalse(padded.isNaN().any().getBoolean());
        }
    }

    @Test
    void forward_paddingChanges_logitsOfRealTokensStayToTheBit() {
        CausalLm model = TinyLm.model(manager);
        float[] mask = {0, 0, 1, 1, 1, 0};
        NDArray zeros =
                TinyLm.logits(model, manager, inputs(new long[][] {{0, 0, 2, 7, 1, 0}}, mask));
        NDArray other =
                TinyLm.logits(model, manager, inputs(new long[][] {{9, 4, 2, 7, 1, 6}}, mask));
        NDIndex real = new NDIndex(":, 2:5");
        assertArrayEquals(zeros.get(real).toFloatArray(), other.get(real).toFloatArray(), 0);
    }

    @Test
    void forward_slidingWindow_seesNoTokenBeforeIt() {
        DecoderConfig config = TinyLm.config().setNumLayers(1).optSlidingWindow(3).build();
        CausalLm model = TinyLm.model(manager, config);
        NDArray before = TinyLm.logits(model, manager, inputs(new long[][] {LONG}));
        long[] changed = LONG.clone();
        changed[0] = 8;
        NDArray after = TinyLm.logits(model, manager, inputs(new long[][] {changed}));
        NDIndex far = new NDIndex(":, 3:");
        assertArrayEquals(before.get(far).toFloatArray(), after.get(far).toFloatArray(), 0);
        NDIndex near = new NDIndex(":, 2");
        assertFalse(before.get(near).contentEquals(after.get(near)));
    }
}
