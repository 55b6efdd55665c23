package org.dataflex.examples.bench;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.dataset.Batch;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.dataflex.DynamicTrainer;
import org.dataflex.UpdateSchedule;
import org.dataflex.checkpoint.SafetensorsWriter;
import org.dataflex.checkpoint.Tensor;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.SampleSet;
import org.dataflex.event.TrainingEvent.DecisionApplied;
import org.dataflex.examples.ResidentMemory;
import org.dataflex.loss.ClassificationLoss;
import org.dataflex.math.Seeds;
import org.dataflex.optim.AdamW;
import org.dataflex.selectors.EmbeddingSource;
import org.dataflex.selectors.NearSelector;
import org.dataflex.selectors.TsdsSelector;
import org.dataflex.strategy.Selector;
import org.dataflex.torch.VectorBlocks;

/**
 * What it costs to find the 1,000 nearest of 100,000 candidates for each of 1,000 targets, 384
 * features: the search alone, an update of NEAR, and one of TSDS with 5,000 neighbours.
 *
 * <p>The vectors are random, in 200 clusters. Compare the search with the exact one of faiss
 * (IndexFlatIP) on the same machine.
 */
public final class NeighbourSearch {

    private static final int DIMENSION = 384;
    private static final int TARGETS = 1_000;
    private static final int NEAREST = 1_000;
    private static final int CLUSTERS = 200;
    private static final int REPEATS = 5;

    private NeighbourSearch() {}

    /**
     * Prints one line a question.
     *
     * @param arguments how many candidates, by default 100,000
     * @throws Exception if a run fails
     */
    public static void main(String[] arguments) throws Exception {
        int size = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100_000;
        Path directory = Files.createTempDirectory("neighbours");
        Path candidates = directory.resolve("candidates.safetensors");
        Path targets = directory.resolve("targets.safetensors");
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray vectors = vectors(manager, size, 1);
            NDArray queries = vectors(manager, TARGETS, 2);
            write(candidates, vectors);
            write(targets, queries);
            search(queries, vectors);
        }
        EmbeddingSource files = EmbeddingSource.files(candidates, targets);
        update("NEAR, an update", NearSelector.builder().setEmbeddings(files).build(), size);
        update(
                "TSDS, an update",
                TsdsSelector.builder().setEmbeddings(files).optDensityNeighbours(1000).build(),
                size);
        Files.delete(candidates);
        Files.delete(targets);
        Files.delete(directory);
    }

    private static void search(NDArray queries, NDArray vectors) {
        VectorBlocks blocks = VectorBlocks.of(vectors);
        double best = Double.MAX_VALUE;
        for (int i = 0; i < REPEATS; i++) {
            long begin = System.nanoTime();
            org.dataflex.torch.NeighbourSearch.search(queries, blocks, NEAREST);
            best = Math.min(best, (System.nanoTime() - begin) / 1e9);
        }
        report("search, best of " + REPEATS, best);
    }

    private static void update(String name, Selector selector, int size) throws Exception {
        try (Model model = Model.newInstance("linear")) {
            model.setBlock(Linear.builder().setUnits(2).build());
            DynamicTrainer.Builder builder =
                    DynamicTrainer.builder()
                            .setModel(model)
                            .setTrainingConfig(
                                    new DefaultTrainingConfig(new ClassificationLoss())
                                            .optOptimizer(AdamW.builder().build()))
                            .setPool(CandidatePool.of(new Zeros(size)))
                            .setSteps(1)
                            .setBatchSize(100)
                            .optSelector(selector, UpdateSchedule.once())
                            .on(
                                    DecisionApplied.class,
                                    event -> report(name, event.elapsed().toNanos() / 1e9));
            try (DynamicTrainer trainer = builder.build()) {
                trainer.fit();
            }
        }
    }

    private static void report(String name, double seconds) {
        System.out.printf(
                Locale.ROOT,
                "%-20s %8.2f s, %,6d MiB at most so far%n",
                name,
                seconds,
                ResidentMemory.peak().orElse(-1));
    }

    private static NDArray vectors(NDManager manager, int count, long seed) {
        float[] values = new float[count * DIMENSION];
        for (int i = 0; i < count; i++) {
            RandomGenerator own = Seeds.generator(seed, i);
            RandomGenerator centre = Seeds.generator(0, own.nextInt(CLUSTERS));
            double squares = 0;
            for (int f = i * DIMENSION; f < (i + 1) * DIMENSION; f++) {
                values[f] = (float) (centre.nextGaussian() + own.nextGaussian());
                squares += (double) values[f] * values[f];
            }
            for (int f = i * DIMENSION; f < (i + 1) * DIMENSION; f++) {
                values[f] /= (float) Math.sqrt(squares);
            }
        }
        return manager.create(values, new Shape(count, DIMENSION));
    }

    private static void write(Path file, NDArray vectors) throws Exception {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            SafetensorsWriter.write(channel, Map.of("embeddings", Tensor.of(vectors)));
        }
    }

    /** Samples of which only the number matters. */
    private record Zeros(long size) implements SampleSet {

        @Override
        public Batch batch(NDManager manager, SampleIndices indices) {
            NDManager own = manager.newSubManager();
            return new Batch(
                    own,
                    new NDList(own.zeros(new Shape(indices.size(), 2))),
                    new NDList(own.create(new long[indices.size()])),
                    indices.size(),
                    null,
                    null,
                    0,
                    0,
                    indices.asList());
        }

        @Override
        public String fingerprint() {
            return size + " zeros";
        }
    }
}
