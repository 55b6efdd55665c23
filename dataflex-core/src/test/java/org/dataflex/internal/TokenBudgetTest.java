package org.dataflex.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.SampleSet;
import org.dataflex.data.Samples;
import org.dataflex.data.TokenSequences;
import org.dataflex.model.Alignment;
import org.dataflex.model.Direction;
import org.dataflex.model.GradientQuery;
import org.dataflex.model.Normalisation;
import org.dataflex.model.Preconditioner;
import org.dataflex.model.Projection;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.PointSamples;
import org.dataflex.torch.Precision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class TokenBudgetTest {

    @Test
    void batches_withoutLengths_areOfTheBatchSize_inOrder() {
        List<int[]> batches = TokenBudget.batches(Samples.all(new PointSamples(7, 1)), 3);
        assertBatches(batches, new int[] {0, 1, 2}, new int[] {3, 4, 5}, new int[] {6});
        assertBatches(TokenBudget.batches(Samples.all(new PointSamples(0, 1)), 3));
    }

    @Test
    void batches_byLength_keepTiesInOrder() {
        Samples samples =
                new Samples(lengths(900, 30, 700, 30, 1024), SampleIndices.of(4, 1, 2, 3, 0));
        assertBatches( // 2 x 30, and 700 with it: 2,100 tokens are too many
                TokenBudget.batches(samples, 2), new int[] {1, 3}, new int[] {2, 4}, new int[] {0});
        assertBatches( // 3 x 1,024; 4 x 900 are too many
                TokenBudget.batches(samples, 3), new int[] {1, 3, 2}, new int[] {4, 0});
    }

    @Test
    void cut_keepsToTheBudget_butForASampleThatIsLonger() {
        Samples samples = Samples.all(lengths(5, 2, 9, 2, 4));
        assertBatches(
                TokenBudget.cut(samples, 8),
                new int[] {1, 3},
                new int[] {4},
                new int[] {0},
                new int[] {2});
        assertBatches(
                TokenBudget.cut(samples, 10), new int[] {1, 3}, new int[] {4, 0}, new int[] {2});
    }

    @Test
    void questions_areAskedInBatchesOfTheLongestThatTheBudgetHolds() {
        RunSettings settings = new RunSettings();
        settings.pool = CandidatePool.of(lengths(300, 1000, 20));
        settings.batchSize = 64;
        assertEquals(64, settings.samplesPerQuestion());
        settings.tokensPerBatch = 4096;
        assertEquals(4, settings.samplesPerQuestion());
    }

    private static void assertBatches(List<int[]> actual, int[]... expected) {
        assertArrayEquals(expected, actual.toArray(int[][]::new));
    }

    @Test
    void batches_ofRandomLengths_stayWithinTheBudget_andHoldEachSampleOnce() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            int[] lengths = random.ints(1 + random.nextInt(50), 1, 3000).toArray();
            int batchSize = 1 + random.nextInt(5);
            int longest = Arrays.stream(lengths).max().getAsInt();
            List<int[]> batches = TokenBudget.batches(Samples.all(lengths(lengths)), batchSize);
            for (int[] batch : batches) {
                int widest = Arrays.stream(batch).map(i -> lengths[i]).max().getAsInt();
                assertTrue(
                        batch.length * widest <= Math.max(2_048, batchSize * longest),
                        "seed " + seed);
            }
            assertArrayEquals(
                    IntStream.range(0, lengths.length).toArray(),
                    batches.stream().flatMapToInt(Arrays::stream).sorted().toArray(),
                    "seed " + seed);
        }
    }

    private static SampleSet lengths(int... lengths) {
        return new SampleSet() {
            @Override
            public long size() {
                return lengths.length;
            }

            @Override
            public int length(long index) {
                return lengths[(int) index];
            }

            @Override
            public Batch batch(NDManager manager, SampleIndices indices) {
                throw new UnsupportedOperationException();
            }

            @Override
            public String fingerprint() {
                return "lengths";
            }
        };
    }

    @Test
    void answers_ofSeveralBatches_areThoseOfEachSampleAlone_inTheOrderAsked() {
        TokenSequences texts = TracedNetRun.texts(30, 400, TracedNetRun.VOCABULARY, 3);
        Samples all = Samples.all(texts);
        assertTrue(TokenBudget.batches(all, 4).size() > 2);
        try (TracedNetRun run = TracedNetRun.tiny(Precision.FLOAT32).train(texts, 3)) {
            DjlModelOps ops = run.traced();
            GradientQuery query = GradientQuery.projected(new Projection.CountSketch(8, 1));
            Direction mean = ops.meanGradient(all, name -> true, Normalisation.UNIT);
            Preconditioner adam = Preconditioner.Adam.less();
            float[] losses = ops.losses(all);
            double[][] rows = GradientRows.of(ops, all, query);
            Alignment alignment = ops.alignment(all, List.of(mean), adam);
            for (int i = 0; i < texts.size(); i++) {
                Samples one = TracedNetRun.samples(texts, i);
                assertEquals(ops.losses(one)[0], losses[i], 1e-4);
                assertArrayEquals(GradientRows.of(ops, one, query)[0], rows[i], 1e-4);
                Alignment alone = ops.alignment(one, List.of(mean), adam);
                double norm = alone.norms()[0];
                assertEquals(norm, alignment.norms()[i], 1e-4 * norm);
                assertEquals(alone.products()[0][0], alignment.products()[i][0], 1e-4 * norm);
            }
        }
    }
}
