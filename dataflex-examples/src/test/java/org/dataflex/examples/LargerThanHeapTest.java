package org.dataflex.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.training.DefaultTrainingConfig;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.dataflex.DynamicTrainer;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.ByteTokens;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.TokenFileWriter;
import org.dataflex.data.TokenSequences;
import org.dataflex.data.format.DatasetLayout;
import org.dataflex.data.format.FollowedFiles;
import org.dataflex.data.store.StreamingPool;
import org.dataflex.data.template.ByteEncoder;
import org.dataflex.event.TrainingEvent.DecisionApplied;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.DecoderConfig;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.mixers.OnlineDataMixingMixer;
import org.dataflex.optim.AdamW;
import org.dataflex.selectors.LossSelector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trains over a store or a stream of three times the heap, in a JVM of its own. */
class LargerThanHeapTest {

    private static final int VOCABULARY_SIZE = 32;
    private static final int LENGTH = 2_048;
    private static final int WINDOW = 1_024;
    private static final long READINGS = 25;

    @TempDir private Path directory;

    @Test
    void pool_ofThreeTimesTheHeap_isTrainedOn() throws Exception {
        assertPrints("4 steps, 8 decisions", "-Xmx256m", "pool");
    }

    @Test
    void stream_ofThreeTimesTheHeap_isTrainedOn() throws Exception {
        assertPrints(
                "25 steps, 5 decisions of %d samples".formatted(WINDOW * READINGS),
                "-Xmx64m",
                "stream");
    }

    private void assertPrints(String expected, String heap, String what) throws Exception {
        File output = directory.resolve("output.txt").toFile();
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                heap,
                                "-cp",
                                System.getProperty("java.class.path"),
                                "-Dai.djl.offline=true",
                                LargerThanHeapTest.class.getName(),
                                what,
                                directory.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(output)
                        .start();
        assertTrue(process.waitFor(2, TimeUnit.MINUTES));
        assertEquals(0, process.exitValue(), () -> read(output));
        assertTrue(read(output).contains(expected), () -> read(output));
    }

    private static String read(File file) {
        try {
            return Files.readString(file.toPath());
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** What the JVM with the small heap does; the arguments are pool or stream, and a directory. */
    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[1]);
        if (arguments[0].equals("pool")) {
            trainOnPool(directory);
        } else {
            trainOnStream(directory);
        }
    }

    private static void trainOnPool(Path directory) throws Exception {
        long sequences = 3 * heap() / (4L * LENGTH) / 2 + 1;
        try (TokenSequences a = write(directory.resolve("a.tokens"), sequences, 1);
                TokenSequences b = write(directory.resolve("b.tokens"), sequences, 7)) {
            CandidatePool pool =
                    CandidatePool.builder().addDomain("a", a).addDomain("b", b).build();
            String told =
                    train(
                            VOCABULARY_SIZE,
                            builder ->
                                    builder.setPool(pool)
                                            .setSteps(4)
                                            .optSelector(
                                                    LossSelector.builder().build(),
                                                    UpdateSchedule.every(2))
                                            .optMixer(
                                                    OnlineDataMixingMixer.builder().build(),
                                                    UpdateSchedule.every(1)));
            System.out.println(told);
        }
    }

    private static void trainOnStream(Path directory) throws Exception {
        Path text = directory.resolve("news.txt");
        writeText(text, WINDOW * READINGS);
        try (StreamingPool pool =
                StreamingPool.builder()
                        .setTokenizer(new ByteEncoder())
                        .setStream(FollowedFiles.of(text, DatasetLayout.text("text")))
                        .setStore(directory.resolve("arrived"))
                        .setWindow(WINDOW)
                        .setInterval(1)
                        .optCutoffLength(LENGTH)
                        .build()) {
            String told =
                    train(
                            ByteTokens.VOCABULARY_SIZE,
                            builder ->
                                    builder.setPool(pool)
                                            .setSteps(READINGS)
                                            .optSelector(
                                                    LossSelector.builder().build(),
                                                    UpdateSchedule.every(5)));
            long samples = pool.pool().size();
            if (samples * LENGTH * Integer.BYTES < 3 * heap()) {
                throw new IllegalStateException(samples + " samples are less than the heap thrice");
            }
            System.out.println(told + " of " + samples + " samples");
        }
    }

    private static long heap() {
        return Runtime.getRuntime().maxMemory();
    }

    /** Trains a tiny decoder, and tells how often what happened. */
    private static String train(int vocabulary, Consumer<DynamicTrainer.Builder> settings)
            throws Exception {
        int[] decisions = {0};
        try (Model model = Model.newInstance("decoder")) {
            model.setBlock(new CausalLm(config(vocabulary), 1));
            DynamicTrainer.Builder builder =
                    DynamicTrainer.builder()
                            .setModel(model)
                            .setTrainingConfig(
                                    new DefaultTrainingConfig(new CausalLmLoss())
                                            .optOptimizer(AdamW.builder().build()))
                            .setBatchSize(2)
                            .optCandidateLimit(8)
                            .optSelectionBudget(4)
                            .on(DecisionApplied.class, e -> decisions[0]++);
            settings.accept(builder);
            try (DynamicTrainer trainer = builder.build()) {
                return trainer.fit().step() + " steps, " + decisions[0] + " decisions";
            }
        }
    }

    /** Writes lines that are a sample each: with its end of text as long as the cut-off. */
    private static void writeText(Path path, long lines) throws IOException {
        try (BufferedWriter writer = Files.newBufferedWriter(path)) {
            for (long i = 0; i < lines; i++) {
                writer.write(String.valueOf((char) ('a' + i % 26)).repeat(LENGTH - 1));
                writer.write('\n');
            }
        }
    }

    private static DecoderConfig config(int vocabulary) {
        return DecoderConfig.builder()
                .setVocabularySize(vocabulary)
                .setHiddenSize(16)
                .setNumLayers(1)
                .setNumHeads(2)
                .build();
    }

    private static TokenSequences write(Path path, long sequences, int factor) throws IOException {
        int[] ids = new int[LENGTH];
        try (TokenFileWriter writer = TokenFileWriter.create(path)) {
            for (long i = 0; i < sequences; i++) {
                Arrays.fill(ids, (int) (i * factor % VOCABULARY_SIZE));
                writer.add(ids);
            }
            writer.finish();
        }
        return TokenSequences.open(path);
    }
}
