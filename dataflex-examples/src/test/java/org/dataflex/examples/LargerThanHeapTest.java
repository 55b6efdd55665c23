package org.dataflex.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.training.DefaultTrainingConfig;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.dataflex.DynamicTrainer;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.TokenFileWriter;
import org.dataflex.data.TokenSequences;
import org.dataflex.event.TrainingEvent.DecisionApplied;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.DecoderConfig;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.mixers.OnlineDataMixingMixer;
import org.dataflex.optim.AdamW;
import org.dataflex.selectors.LossSelector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trains, selects and mixes over a store of three times the heap, in a JVM of its own. */
class LargerThanHeapTest {

    private static final int VOCABULARY_SIZE = 32;
    private static final int LENGTH = 2_048;

    @TempDir private Path directory;

    @Test
    void pool_ofThreeTimesTheHeap_isTrainedOn() throws Exception {
        File output = directory.resolve("output.txt").toFile();
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx256m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "-Dai.djl.offline=true",
                                LargerThanHeapTest.class.getName(),
                                directory.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(output)
                        .start();
        assertTrue(process.waitFor(2, TimeUnit.MINUTES));
        assertEquals(0, process.exitValue(), () -> read(output));
        assertTrue(read(output).contains("4 steps, 8 decisions"), () -> read(output));
    }

    private static String read(File file) {
        try {
            return Files.readString(file.toPath());
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** What the JVM with the small heap does; the argument is a directory. */
    public static void main(String[] arguments) throws Exception {
        long heap = Runtime.getRuntime().maxMemory();
        long sequences = 3 * heap / (4L * LENGTH) / 2 + 1;
        int[] decisions = {0};
        try (TokenSequences a = write(Path.of(arguments[0], "a.tokens"), sequences, 1);
                TokenSequences b = write(Path.of(arguments[0], "b.tokens"), sequences, 7);
                Model model = Model.newInstance("decoder")) {
            model.setBlock(new CausalLm(config(), 1));
            try (DynamicTrainer trainer =
                    DynamicTrainer.builder()
                            .setModel(model)
                            .setTrainingConfig(
                                    new DefaultTrainingConfig(new CausalLmLoss())
                                            .optOptimizer(AdamW.builder().build()))
                            .setPool(
                                    CandidatePool.builder()
                                            .addDomain("a", a)
                                            .addDomain("b", b)
                                            .build())
                            .setSteps(4)
                            .setBatchSize(2)
                            .optCandidateLimit(8)
                            .optSelectionBudget(4)
                            .optSelector(LossSelector.builder().build(), UpdateSchedule.every(2))
                            .optMixer(
                                    OnlineDataMixingMixer.builder().build(),
                                    UpdateSchedule.every(1))
                            .on(DecisionApplied.class, e -> decisions[0]++)
                            .build()) {
                System.out.println(trainer.fit().step() + " steps, " + decisions[0] + " decisions");
            }
        }
    }

    private static DecoderConfig config() {
        return DecoderConfig.builder()
                .setVocabularySize(VOCABULARY_SIZE)
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
