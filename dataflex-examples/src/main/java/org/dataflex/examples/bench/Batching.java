package org.dataflex.examples.bench;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.dataset.Batch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.dataflex.DynamicTrainer;
import org.dataflex.data.ByteTokens;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.SampleSet;
import org.dataflex.data.TokenSequences;
import org.dataflex.data.template.Template;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.examples.corpus.LabelledText;
import org.dataflex.examples.corpus.WordNetGlosses;
import org.dataflex.examples.finetune.InstructionFile;
import org.dataflex.examples.finetune.PlainTemplate;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.TextTokenizer;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.optim.AdamW;
import org.dataflex.torch.Precision;

/**
 * How much of the batches is padding, and how long a step of the {@link ReferenceDecoder} takes, by
 * count and by tokens, packed and not: always 32 samples a step, the same ones.
 *
 * <p>Each round trains a block of steps of every kind, in another order; a ratio is the median of
 * the rounds' ratios.
 */
public final class Batching {

    private static final int ROWS = 32;
    private static final int BATCH_SIZE = 8;
    private static final int TOKENS = 2048;
    private static final int LONGEST = 512;
    private static final int STEPS = 4;
    private static final int WARM_UP_STEPS = 1;
    private static final List<Kind> KINDS =
            List.of(
                    new Kind("by count", false, false),
                    new Kind("by count, packed", false, true),
                    new Kind("by tokens", true, false),
                    new Kind("by tokens, packed", true, true));

    private Batching() {}

    /** A way to make batches. */
    private record Kind(String name, boolean byTokens, boolean isPacked) {}

    /**
     * Prints one line a kind.
     *
     * @param arguments the number of rounds (3); then, instead of the glosses of WordNet, a byte a
     *     token, a directory with a tokenizer and a file of instructions, of which the lengths
     *     count
     * @throws Exception if training fails or a file cannot be read
     */
    public static void main(String[] arguments) throws Exception {
        int rounds = arguments.length == 0 ? 3 : Integer.parseInt(arguments[0]);
        TokenSequences texts =
                arguments.length < 3
                        ? glosses()
                        : instructions(Path.of(arguments[1]), Path.of(arguments[2]));
        List<Watched> pools = KINDS.stream().map(kind -> new Watched(texts)).toList();
        List<List<Double>> millis = new ArrayList<>(); // of each kind a median a round
        KINDS.forEach(kind -> millis.add(new ArrayList<>()));
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < KINDS.size(); i++) {
                int kind = (i + round) % KINDS.size(); // no kind always comes first
                millis.get(kind).add(step(KINDS.get(kind), pools.get(kind)));
            }
        }
        for (int i = 0; i < KINDS.size(); i++) {
            List<Double> ratios = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                ratios.add(millis.get(i).get(round) / millis.get(0).get(round));
            }
            Watched pool = pools.get(i);
            System.out.printf(
                    Locale.ROOT,
                    "%-18s %4.1f%% padding, %,6d tokens at most, %7.1f ms a step, x %.3f of by"
                            + " count%n",
                    KINDS.get(i).name(),
                    100 - 100.0 * pool.tokens / pool.cells,
                    pool.mostCells,
                    ReferenceDecoder.median(millis.get(i)),
                    ReferenceDecoder.median(ratios));
        }
    }

    private static TokenSequences glosses() throws IOException {
        List<LabelledText> all = WordNetGlosses.load();
        List<String> some = new ArrayList<>();
        int apart = all.size() / (STEPS * ROWS);
        for (int i = 0; i < STEPS * ROWS; i++) {
            some.add(all.get(i * apart).text());
        }
        return ByteTokens.sequences(some, LONGEST);
    }

    private static TokenSequences instructions(Path tokenizer, Path file) throws IOException {
        try (TextTokenizer own = TextTokenizer.open(tokenizer)) {
            Template plain = new PlainTemplate(own, List.of());
            TokenSequences read = InstructionFile.read(file, plain, LONGEST).training();
            TokenSequences.Builder some = TokenSequences.builder();
            long apart = read.size() / (STEPS * ROWS);
            for (int i = 0; i < STEPS * ROWS; i++) {
                some.add(
                        Arrays.stream(read.ids(i * apart))
                                .map(id -> id % ReferenceDecoder.VOCABULARY_SIZE)
                                .toArray());
            }
            return some.build();
        }
    }

    /** Trains a block of steps; returns their median in milliseconds. */
    private static double step(Kind kind, SampleSet pool) throws Exception {
        List<Double> millis = new ArrayList<>();
        try (Model model = Model.newInstance("decoder")) {
            CausalLm decoder = ReferenceDecoder.make(Precision.FLOAT32);
            decoder.setPacking(kind.isPacked());
            model.setBlock(decoder);
            DynamicTrainer.Builder builder =
                    DynamicTrainer.builder()
                            .setModel(model)
                            .setTrainingConfig(
                                    new DefaultTrainingConfig(CausalLmLoss.byToken())
                                            .optOptimizer(AdamW.builder().build()))
                            .setPool(CandidatePool.of(pool))
                            .setSteps(STEPS)
                            .setBatchSize(BATCH_SIZE)
                            .optAccumulation(ROWS / BATCH_SIZE)
                            .on(
                                    StepCompleted.class,
                                    e -> {
                                        if (e.step() > WARM_UP_STEPS) {
                                            millis.add(e.elapsed().toNanos() / 1e6);
                                        }
                                    });
            if (kind.byTokens()) {
                builder.optTokensPerBatch(TOKENS);
            }
            try (DynamicTrainer trainer = builder.build()) {
                trainer.fit();
            }
        }
        return ReferenceDecoder.median(millis);
    }

    /** Counts what is read. */
    private static final class Watched implements SampleSet {

        private final TokenSequences texts;
        private long tokens;
        private long cells;
        private long mostCells;

        Watched(TokenSequences texts) {
            this.texts = texts;
        }

        @Override
        public long size() {
            return texts.size();
        }

        @Override
        public int length(long index) {
            return texts.length(index);
        }

        @Override
        public Batch batch(NDManager manager, SampleIndices indices) {
            Batch batch = texts.batch(manager, indices);
            long own = batch.getData().head().size();
            tokens += indices.stream().map(texts::length).sum();
            cells += own;
            mostCells = Math.max(mostCells, own);
            return batch;
        }

        @Override
        public String fingerprint() {
            return texts.fingerprint();
        }
    }
}
