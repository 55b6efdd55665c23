package org.dataflex.internal;

import static org.dataflex.internal.GradientRows.distance;
import static org.dataflex.internal.GradientRows.dot;
import static org.dataflex.internal.GradientRows.norm;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.dataflex.data.Samples;
import org.dataflex.data.TokenSequences;
import org.dataflex.math.Seeds;
import org.dataflex.model.GradientQuery;
import org.dataflex.model.Preconditioner;
import org.dataflex.model.Projection;
import org.dataflex.model.Projection.CountSketch;
import org.dataflex.model.Projection.Kronecker;
import org.dataflex.model.Projection.Rademacher;
import org.dataflex.testing.NoLeaks;
import org.dataflex.torch.Precision;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(NoLeaks.class)
class GradientMapTest {

    private final TokenSequences texts = TracedNetRun.texts(24, 9, TracedNetRun.VOCABULARY, 7);
    private final Samples samples = TracedNetRun.samples(texts, 2, 11, 20, 1);
    private final TracedNetRun run = TracedNetRun.tiny(Precision.FLOAT32).train(texts, 5);

    @AfterEach
    void close() {
        run.close();
    }

    /** Maps by seed, and a bound of the variance of an inner product over |g|^2 |h|^2. */
    static Stream<Arguments> maps() {
        return Stream.of(
                Arguments.of("Rademacher", 2 / 16.0, seeded(s -> new Rademacher(16, s))),
                Arguments.of("CountSketch", 2 / 16.0, seeded(s -> new CountSketch(16, s))),
                Arguments.of(
                        "Kronecker",
                        (1 + 2 / 3.0) * (1 + 2 / 2.0) - 1, // of L within that of R
                        seeded(s -> new Kronecker(3, 2, s))));
    }

    private static LongFunction<Projection> seeded(LongFunction<Projection> map) {
        return map;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("maps")
    void innerProducts_averagedOverSeeds_areKept(
            String name, double variance, LongFunction<Projection> map) {
        int seeds = 300;
        double[][] whole = GradientRows.of(run.traced(), samples, GradientQuery.full());
        double[][] sums = new double[4][4];
        for (int seed = 0; seed < seeds; seed++) {
            double[][] rows = project(map.apply(seed));
            for (int k = 0; k < 16; k++) {
                sums[k / 4][k % 4] += dot(rows[k / 4], rows[k % 4]) / seeds;
            }
        }
        for (int k = 0; k < 16; k++) {
            double[] g = whole[k / 4];
            double[] h = whole[k % 4];
            double deviation = norm(g) * norm(h) * Math.sqrt(variance / seeds);
            assertEquals(dot(g, h), sums[k / 4][k % 4], 5 * deviation, name + " " + k);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("maps")
    void map_followsFromTheSeed_onBothPaths(
            String name, double variance, LongFunction<Projection> map) {
        double[][] rows = project(map.apply(5));
        assertArrayEquals(rows, project(map.apply(5)));
        assertTrue(distance(rows[0], project(map.apply(6))[0]) > 0.1 * norm(rows[0]));
        double[][] reference =
                GradientRows.of(run.reference(), samples, GradientQuery.projected(map.apply(5)));
        for (int i = 0; i < rows.length; i++) {
            double error = distance(reference[i], rows[i]);
            assertTrue(error <= 1e-4 * norm(reference[i]), "row " + i + ": error " + error);
        }
    }

    private double[][] project(Projection projection) {
        return GradientRows.of(run.traced(), samples, GradientQuery.projected(projection));
    }

    /** Powers of 2 as factors, whole numbers as gradients: nothing is rounded. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("linearMaps")
    void map_isLinear(Projection projection) {
        double[] a = {1, -2, 3, 5, -7, 11, 0, 2, 4, -9};
        double[] b = {4, 0, -1, 8, 6, -3, 12, 1, -5, 2};
        double[] sum = new double[10];
        Arrays.setAll(sum, j -> a[j] + 2 * b[j]);
        try (RowModel model = new RowModel(10)) {
            double[][] rows =
                    GradientRows.of(
                            model.ops(),
                            RowModel.samples(a, b, sum),
                            GradientQuery.projected(projection));
            assertEquals(4, rows[0].length);
            for (int c = 0; c < 4; c++) {
                assertEquals(rows[0][c] + 2 * rows[1][c], rows[2][c]);
            }
        }
    }

    static List<Projection> linearMaps() {
        return List.of(new Rademacher(4, 1), new CountSketch(4, 1), new Kronecker(4, 4, 1));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("linearMaps")
    void map_comesAfterThePreconditioner(Projection projection) throws Exception {
        Preconditioner adam = Preconditioner.Adam.less();
        GradientQuery query = GradientQuery.projected(projection);
        try (RowModel model = new RowModel(10)) {
            double[] m = {1, -2, 3, 5, -7, 11, 0, 2, 4, -9};
            model.setMoments(m, Arrays.stream(m).map(x -> x * x).toArray(), 10);
            Samples gradients = RowModel.samples(new double[] {1, 2, -3, 4, -5, 6, 7, 8, 9, 10});
            double[][] steps =
                    GradientRows.of(
                            model.ops(), gradients, GradientQuery.full().preconditioned(adam));
            double[][] expected = GradientRows.of(model.ops(), RowModel.samples(steps), query);
            double[][] actual = GradientRows.of(model.ops(), gradients, query.preconditioned(adam));
            assertArrayEquals(expected[0], actual[0], 1e-5); // float32 sums of 10 terms up to 3
        }
    }

    @Test
    void kronecker_isTheProductWithBothMatrices() {
        GradientQuery up = new GradientQuery("up"::equals, new Projection.Identity());
        double[] g = GradientRows.of(run.traced(), samples, up)[0]; // [8, 6]
        double[] mapped =
                GradientRows.of(
                        run.traced(),
                        samples,
                        new GradientQuery("up"::equals, new Kronecker(3, 2, 9)))[0];
        assertEquals(6, mapped.length);
        for (int r = 0; r < 3; r++) {
            for (int c = 0; c < 2; c++) {
                double expected = 0;
                for (int j = 0; j < 48; j++) {
                    double left = sign(Seeds.mix(9, 0, 0, r, 0), j / 6) / Math.sqrt(3);
                    double right = sign(Seeds.mix(9, 0, 1, c, 0), j % 6) / Math.sqrt(2);
                    expected += left * g[j] * right;
                }
                assertEquals(expected, mapped[2 * r + c], 1e-5 * norm(g));
            }
        }
    }

    @Test
    void kronecker_ofSmallSides_isTheIdentity() {
        assertArrayEquals(
                GradientRows.of(run.traced(), samples, GradientQuery.full()),
                project(new Kronecker(13, 8, 1)));
        double[][] some = project(new Kronecker(4, 4, 1));
        // table 4x4, gain 4, up 4x4, bias 4, lowA 2x4, lowB 4x2, down 4x4, unused 3
        assertEquals(16 + 4 + 16 + 4 + 8 + 8 + 16 + 3, some[0].length);
    }

    @Test
    void countSketch_addsEachCoordinateToItsBucket() {
        double[] whole = GradientRows.of(run.traced(), samples, GradientQuery.full())[0];
        double[] expected = new double[16];
        for (int j = 0; j < whole.length; j++) {
            long shift = Math.floorMod(Seeds.mix(9, 0, j / 16), 16L);
            int bucket = (int) ((j + shift) % 16);
            expected[bucket] += sign(Seeds.mix(9, 1, j / 64), j % 64) * whole[j];
        }
        assertArrayEquals(expected, project(new CountSketch(16, 9))[0], 1e-5 * norm(whole));
    }

    private static int sign(long bits, int bit) {
        return (bits >>> bit & 1) == 0 ? 1 : -1;
    }
}
