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

    @Test
    void gradients_ofAPromptAlone_areZero() {
        double[][] rows = assertRows(GradientQuery.full(), TOLERANCE);
        assertEquals(0, norm(rows[0])); // text 5
        assertTrue(norm(rows[1]) > 0);
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
