package org.dataflex.lm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeaks.class)
class CausalLmStorageTest {

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    private NDArray logits(CausalLm model) {
        return TinyLm.logits(model, manager, new NDList(TinyLm.ids(manager, new long[] {3, 1, 4})));
    }

    @Test
    void saveAndLoad_otherModelOfEqualSizes_givesEqualLogits(@TempDir Path directory)
            throws IOException, MalformedModelException {
        try (Model saved = Model.newInstance("lm");
                Model loaded = Model.newInstance("lm")) {
            CausalLm block = TinyLm.model(saved.getNDManager());
            saved.setBlock(block);
            saved.save(directory, "lm");
            CausalLm other = new CausalLm(TinyLm.config().build(), 2);
            loaded.setBlock(other);
            loaded.load(directory, "lm");
            assertEquals(logits(block), logits(other));
        }
    }

    @Test
    void load_modelOfOtherSizes_messageNamesParameterAndShapes(@TempDir Path directory)
            throws IOException {
        try (Model saved = Model.newInstance("lm");
                Model loaded = Model.newInstance("lm")) {
            saved.setBlock(TinyLm.model(saved.getNDManager()));
            saved.save(directory, "lm");
            loaded.setBlock(new CausalLm(TinyLm.config().optIntermediateSize(20).build(), 1));
            Exception e =
                    assertThrows(MalformedModelException.class, () -> loaded.load(directory, "lm"));
            String expected =
                    "model.layers.0.mlp.gate_proj.weight has shape (12, 8) in the file, but (20, 8)"
                            + " by DecoderConfig[";
            assertTrue(e.getMessage().startsWith(expected), e.getMessage());
        }
    }
}
