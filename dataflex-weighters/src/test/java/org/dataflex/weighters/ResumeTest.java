package org.dataflex.weighters;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.dataflex.ReferenceLosses;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.ResumeContract;
import org.dataflex.testing.TinyTextRuns;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeaks.class)
class ResumeTest implements ResumeContract {

    private static Path reference;
    private static Path targets;

    @BeforeAll
    static void writeReferenceAndTargets(@TempDir Path directory) throws IOException {
        targets = directory.resolve("targets.tokens");
        TinyTextRuns.texts(3).save(targets);
        Path cache = directory.resolve("cache");
        try (Model model = TinyTextRuns.model()) {
            model.getBlock().initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 1));
            ReferenceLosses.compute(model, TinyTextRuns.pool(), cache, null).close();
        }
        try (Stream<Path> stores = Files.list(cache)) {
            reference = stores.findFirst().orElseThrow();
        }
    }

    @Override
    public List<String> strategies() {
        return List.of(
                "weighter:uniform:",
                "weighter:loss:temperature=4,finalTemperature=0.4,temperatureSchedule=linear",
                "weighter:loss:scope=window,window=3",
                "weighter:loss:scope=moving,quantile=0.1",
                "texts weighter:adapt:temperature=0.1,targets=exam:" + targets,
                "texts weighter:joint-update-aware:targets=exam:" + targets,
                "texts tokenWeighter:excess-loss:share=0.5,reference=" + reference);
    }
}
