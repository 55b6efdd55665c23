package org.dataflex.internal;

import static org.dataflex.internal.GradientRows.distance;
import static org.dataflex.internal.GradientRows.norm;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.TrainingDivergedException;
import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.dataflex.data.Samples;
import org.dataflex.data.TokenSequences;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.loss.PerSampleLoss;
import org.dataflex.model.Alignment;
import org.dataflex.model.Direction;
import org.dataflex.model.GradientQuery;
import org.dataflex.model.Normalisation;
import org.dataflex.model.Preconditioner;
import org.dataflex.model.Projection;
import org.dataflex.model.WeightedSamples;
import org.dataflex.testing.NoLeaks;
import org.dataflex.torch.Precision;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The batched gradients of a traced block against those of one backward pass a sample. */
@ExtendWith(NoLeaks.class)
class TracedGradientsTest {

    /** Float32 sums of some ten terms, in another order. */
    private static final double TOLERANCE = 1e-4;

    private static final Predicate<String> ALL = name -> true;
    private static final int BROKEN = 3;

    private final TokenSequences texts = TracedNetRun.texts(24, 9, TracedNetRun.VOCABULARY, 7);
    private final Samples samples = TracedNetRun.samples(texts, 5, 2, 11, 20, 1, 2, 8, 14, 3, 17);
    private final Samples targets = TracedNetRun.samples(texts, 6, 5, 23, 0, 19, 6);
    private final TracedNetRun run = TracedNetRun.tiny(Precision.FLOAT32).train(texts, 5);
    private final DjlModelOps traced = run.traced();
    private final DjlModelOps reference = run.reference();

    @AfterEach
    void close() {
        run.close();
    }

    static List<Preconditioner> preconditioners() {
        return List.of(
                new Preconditioner.None(),
                Preconditioner.Adam.less(),
                Preconditioner.Adam.dataFlex(),
                Preconditioner.Adam.less().withBiasCorrection(),
                Preconditioner.Adam.dataFlex().withBiasCorrection());
    }

    @ParameterizedTest
    @MethodSource("preconditioners")
    void gradients_equalTheReference(Preconditioner by) {
        GradientQuery query = GradientQuery.full().preconditioned(by);
        assertRows(query, TOLERANCE);
    }

    @Test
    void gradients_ofSomeParameters_equalTheReference() {
        for (Set<String> names :
                List.of(Set.of("lowA", "lowB"), Set.of("table"), Set.of("bias", "unused"))) {
            assertRows(new GradientQuery(names::contains, new Projection.Identity()), TOLERANCE);
        }
    }

    private double[][] assertRows(GradientQuery query, double tolerance) {
        double[][] expected = GradientRows.of(reference, samples, query);
        double[][] actual = GradientRows.of(traced, samples, query);
        for (int i = 0; i < expected.length; i++) {
            double error = distance(expected[i], actual[i]);
            assertTrue(error <= tolerance * norm(expected[i]), "row " + i + ": error " + error);
        }
        return expected;
    }

    @ParameterizedTest
    @MethodSource("preconditioners")
    void gradients_ofAPromptAlone_areZero_alsoWhereTheOptimizerHasMomentum(Preconditioner by) {
        double[][] rows = assertRows(GradientQuery.full().preconditioned(by), TOLERANCE);
        assertEquals(0, norm(rows[0])); // text 5
        assertTrue(norm(rows[1]) > 0);
        for (DjlModelOps ops : List.of(reference, traced)) {
            Direction mean = ops.meanGradient(targets, ALL, Normalisation.UNIT);
            Alignment alignment = ops.alignment(samples, List.of(mean), by);
            assertEquals(0, alignment.norms()[0]);
            assertEquals(0, alignment.products()[0][0]);
            assertTrue(alignment.norms()[1] > 0);
        }
    }

    @Test
    void gradients_ofAnUnusedParameter_areZero() {
        Predicate<String> unused = "unused"::equals;
        NDArray rows =
                traced.gradients(samples, new GradientQuery(unused, new Projection.Identity()));
        assertArrayEquals(new float[30], rows.toFloatArray());
        Direction mean = traced.meanGradient(samples, unused, Normalisation.UNIT);
        assertArrayEquals(new double[3], GradientRows.of(mean));
    }

    @Test
    void meanGradient_equalsTheReference() {
        for (Normalisation by : Normalisation.values()) {
            double[] expected = GradientRows.of(reference.meanGradient(targets, ALL, by));
            double[] actual = GradientRows.of(traced.meanGradient(targets, ALL, by));
            assertTrue(distance(expected, actual) <= TOLERANCE * norm(expected), by.name());
        }
    }

    @Test
    void meanOfSums_equalsTheReference_andThatOfRows() {
        Predicate<String> used = name -> !"unused".equals(name);
        List<WeightedSamples> groups =
                List.of(
                        new WeightedSamples(samples, weights(samples.size(), 0.5f)),
                        new WeightedSamples(targets, new float[targets.size()]),
                        new WeightedSamples(TracedNetRun.samples(texts), new float[0]),
                        new WeightedSamples(targets, weights(targets.size(), -2)));
        for (Normalisation by : Normalisation.values()) {
            double[] expected = GradientRows.of(reference.meanOfSums(groups, used, by));
            double[] actual = GradientRows.of(traced.meanOfSums(groups, used, by));
            double[] byRows = meanOfRows(groups, used, by == Normalisation.UNIT);
            assertTrue(norm(expected) > 0.1, by.name());
            assertTrue(distance(expected, actual) <= TOLERANCE * norm(expected), by.name());
            assertTrue(distance(byRows, actual) <= TOLERANCE * norm(expected), by.name());
        }
    }

    private static float[] weights(int size, float step) {
        float[] weights = new float[size]; // the first is 0
        for (int i = 0; i < size; i++) {
            weights[i] = i * step;
        }
        return weights;
    }

    private double[] meanOfRows(
            List<WeightedSamples> groups, Predicate<String> parameters, boolean unit) {
        GradientQuery query = new GradientQuery(parameters, new Projection.Identity());
        int size = GradientRows.of(reference, samples, query)[0].length;
        double[][] sums = new double[groups.size()][size];
        for (int q = 0; q < sums.length; q++) {
            WeightedSamples group = groups.get(q);
            if (group.samples().size() > 0) {
                double[][] rows = GradientRows.of(reference, group.samples(), query);
                for (int i = 0; i < rows.length; i++) {
                    for (int k = 0; k < size; k++) {
                        sums[q][k] += group.weights()[i] * rows[i][k];
                    }
                }
            }
        }
        return GradientRows.mean(sums, unit);
    }

    @Test
    void meanOfSums_badGroups_areRefused() {
        assertEquals(
                "no groups of samples to average the gradients of",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> traced.meanOfSums(List.of(), ALL, Normalisation.UNIT))
                        .getMessage());
        assertEquals(
                "2 weights for 6 samples",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new WeightedSamples(targets, new float[2]))
                        .getMessage());
        assertEquals(
                "the weight of sample 23 is NaN, must be finite",
                assertThrows(
                                IllegalArgumentException.class,
                                () ->
                                        new WeightedSamples(
                                                targets, new float[] {0, 1, Float.NaN, 0, 0, 0}))
                        .getMessage());
    }

    @Test
    void meanOfSums_aGradientThatIsNaN_isRefusedUnlessItsWeightIs0() {
        DjlModelOps broken = run.traced(brokenFor(samples.indices().get(BROKEN)));
        float[] weights = weights(samples.size(), 1);
        TrainingDivergedException e =
                assertThrows(
                        TrainingDivergedException.class,
                        () ->
                                broken.meanOfSums(
                                        List.of(
                                                new WeightedSamples(
                                                        TracedNetRun.samples(texts), new float[0]),
                                                new WeightedSamples(samples, weights)),
                                        ALL,
                                        Normalisation.UNIT));
        assertEquals(
                "the weighted gradient of group 1 is not finite: its norm is NaN", e.getMessage());
        weights[BROKEN] = 0;
        List<WeightedSamples> spared = List.of(new WeightedSamples(samples, weights));
        assertArrayEquals(
                GradientRows.of(traced.meanOfSums(spared, ALL, Normalisation.UNIT)),
                GradientRows.of(broken.meanOfSums(spared, ALL, Normalisation.UNIT)),
                1e-5);
    }

    @ParameterizedTest
    @MethodSource("preconditioners")
    void meanResultantLengths_areThoseOfRows(Preconditioner by) {
        Samples one = TracedNetRun.samples(texts, 4);
        List<Samples> groups = List.of(samples, TracedNetRun.samples(texts), targets, one);
        GradientQuery query = new GradientQuery(ALL, new Projection.Identity(), by);
        for (DjlModelOps ops : List.of(reference, traced)) {
            double[] lengths = ops.meanResultantLengths(groups, ALL, by);
            assertEquals(4, lengths.length);
            for (int q : new int[] {0, 2}) {
                double[][] rows = GradientRows.of(reference, groups.get(q), query);
                assertEquals(norm(GradientRows.mean(rows, true)), lengths[q], TOLERANCE);
                assertTrue(lengths[q] > 0.01 && lengths[q] < 0.99, "neither 0 nor 1");
            }
            assertEquals(Double.NaN, lengths[1]); // of none
            assertEquals(1, lengths[3], TOLERANCE);
        }
    }

    @Test
    void meanResultantLengths_aGradientThatIsNaN_isRefused() {
        long bad = samples.indices().get(BROKEN);
        DjlModelOps broken = run.traced(brokenFor(bad));
        assertEquals(
                "the gradient of sample " + bad + " is not finite: its norm is NaN",
                assertThrows(
                                TrainingDivergedException.class,
                                () ->
                                        broken.meanResultantLengths(
                                                List.of(samples), ALL, new Preconditioner.None()))
                        .getMessage());
    }

    @ParameterizedTest
    @MethodSource("preconditioners")
    void alignment_equalsTheReference(Preconditioner by) {
        assertAlignment(ALL, by);
        assertAlignment(name -> name.startsWith("low"), by);
    }

    private void assertAlignment(Predicate<String> parameters, Preconditioner by) {
        Samples others = TracedNetRun.samples(texts, 4, 7, 9);
        List<Direction> directions =
                List.of(
                        reference.meanGradient(targets, parameters, Normalisation.UNIT),
                        traced.meanGradient(targets, parameters, Normalisation.NONE),
                        traced.meanGradient(others, parameters, Normalisation.UNIT));
        Alignment expected = reference.alignment(samples, directions, by);
        Alignment actual = traced.alignment(samples, directions, by);
        for (int i = 0; i < samples.size(); i++) {
            float norm = expected.norms()[i];
            assertEquals(norm, actual.norms()[i], TOLERANCE * norm);
            for (int s = 0; s < directions.size(); s++) {
                double u = norm(GradientRows.of(directions.get(s)));
                assertEquals(
                        expected.products()[i][s], actual.products()[i][s], TOLERANCE * norm * u);
            }
        }
    }

    @Test
    void alignment_takesOnePassABatch() {
        Direction mean = reference.meanGradient(targets, ALL, Normalisation.UNIT);
        assertEquals(0, run.net.tracedPasses());
        traced.alignment(samples, List.of(mean), Preconditioner.Adam.less());
        assertEquals(1, run.net.tracedPasses());
    }

    @Test
    void alignment_ofRowsOfGradients_multipliedOnTheHost() {
        Preconditioner by = Preconditioner.Adam.less();
        Direction mean = traced.meanGradient(targets, ALL, Normalisation.UNIT);
        Alignment alignment = traced.alignment(samples, List.of(mean), by);
        double[][] rows =
                GradientRows.of(reference, samples, GradientQuery.full().preconditioned(by));
        double[] u = GradientRows.of(mean);
        for (int i = 0; i < rows.length; i++) {
            double expected = GradientRows.dot(rows[i], u);
            assertEquals(expected, alignment.products()[i][0], TOLERANCE * norm(rows[i]) * norm(u));
        }
    }

    @Test
    void aGradientThatIsNaN_spoilsNoOther() {
        PerSampleLoss loss = brokenFor(samples.indices().get(BROKEN));
        DjlModelOps broken = run.traced(loss);
        Direction mean = traced.meanGradient(targets, ALL, Normalisation.UNIT);
        for (Preconditioner by : preconditioners()) {
            Alignment good = traced.alignment(samples, List.of(mean), by);
            Alignment bad = broken.alignment(samples, List.of(mean), by);
            for (int i = 0; i < samples.size(); i++) {
                boolean isBroken = i == BROKEN;
                assertEquals(isBroken ? Float.NaN : good.norms()[i], bad.norms()[i]);
                assertEquals(isBroken ? Float.NaN : good.unitProduct(i, 0), bad.unitProduct(i, 0));
            }
        }
        assertArrayEquals(
                run.reference(loss)
                        .alignment(samples, List.of(mean), new Preconditioner.None())
                        .norms(),
                broken.alignment(samples, List.of(mean), new Preconditioner.None()).norms(),
                1e-5f); // norms of about 1
        for (DjlModelOps ops : List.of(broken, run.reference(loss))) {
            TrainingDivergedException e =
                    assertThrows(
                            TrainingDivergedException.class,
                            () -> ops.meanGradient(samples, ALL, Normalisation.NONE));
            assertEquals(
                    "the gradient of sample 20 is not finite: its norm is NaN", e.getMessage());
        }
    }

    /** The loss, and NaN for one text, told by its tokens. */
    private PerSampleLoss brokenFor(long text) {
        int[] ids = texts.ids(text);
        return PerSampleLoss.of(
                "broken",
                (labels, predictions) -> {
                    NDArray losses = new CausalLmLoss().perSample(labels, predictions);
                    float[] factors = new float[(int) losses.size()];
                    for (int i = 0; i < factors.length; i++) {
                        long[] row = labels.head().get(i).toLongArray();
                        boolean same = true;
                        for (int t = 0; t < row.length; t++) {
                            long label = t == 0 || t >= ids.length ? -100 : ids[t];
                            same &= row[t] == label;
                        }
                        factors[i] = same ? Float.NaN : 1;
                    }
                    return losses.mul(losses.getManager().create(factors));
                });
    }

    @Test
    void gradientsInBfloat16_equalTheReference() {
        try (TracedNetRun rounded = TracedNetRun.tiny(Precision.BFLOAT16).train(texts, 5)) {
            GradientQuery query = new GradientQuery("up"::equals, new Projection.Identity());
            double[][] expected = GradientRows.of(rounded.reference(), samples, query);
            double[][] actual = GradientRows.of(rounded.traced(), samples, query);
            for (int i = 0; i < expected.length; i++) { // each number rounded by up to 2^-9
                double error = distance(expected[i], actual[i]);
                assertTrue(error <= 4e-3 * norm(expected[i]), "row " + i + ": error " + error);
            }
        }
    }
}
