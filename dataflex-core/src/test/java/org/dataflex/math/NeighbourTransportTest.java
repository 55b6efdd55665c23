package org.dataflex.math;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class NeighbourTransportTest {

    @Test
    void mass_oneQueryByHand_stopsWhereGoingOnCostsMore() {
        // cost after 1, 2, 3 neighbours: 1, 1 * 2 + 1 - 1 = 3, 3 * 4 - 6 = 6; limit (1/2)/(1/2) C =
        // C
        int[][] neighbours = {{2, 0, 3, 1}};
        double[][] distances = {{1, 2, 3, 4}};
        double[] density = {1, 1, 1, 1};
        assertArrayEquals(
                new double[] {0, 0, 1, 0}, mass(neighbours, distances, density, 0.5, 0.9), 0);
        assertArrayEquals(
                new double[] {0.5, 0, 0.5, 0},
                mass(neighbours, distances, density, 0.5, 2.9),
                1e-15);
        assertArrayEquals(
                new double[] {1 / 3.0, 0, 1 / 3.0, 1 / 3.0},
                mass(neighbours, distances, density, 0.5, 5),
                1e-15);
        assertArrayEquals( // never stops
                new double[] {1 / 3.0, 0, 1 / 3.0, 1 / 3.0},
                mass(neighbours, distances, density, 0.5, 1e9),
                1e-15);
    }

    @Test
    void mass_denseNeighbours_getLess() {
        assertArrayEquals(
                new double[] {0.2, 0.8, 0},
                mass(
                        new int[][] {{0, 1, 2}},
                        new double[][] {{1, 1, 1}},
                        new double[] {4, 1, 1},
                        0.5,
                        1),
                1e-15);
    }

    @Test
    void mass_oneNeighbourOrClosenessOnly_goesToTheNearest() {
        assertArrayEquals(
                new double[] {0, 1, 0},
                mass(
                        new int[][] {{1}, {1}},
                        new double[][] {{0.1}, {0.2}},
                        new double[] {1, 2, 1},
                        0.5,
                        5),
                1e-15);
        assertArrayEquals(
                new double[] {0.5, 0, 0.5},
                mass(
                        new int[][] {{0, 1}, {2, 1}},
                        new double[][] {{0.1, 0.2}, {0.3, 0.4}},
                        new double[] {1, 2, 1},
                        1,
                        5),
                1e-15);
    }

    @Test
    void mass_random_isThatOfEventsInOrder() {
        for (long seed = 0; seed < 400; seed++) {
            RandomGenerator random = Seeds.generator(seed);
            int queries = 1 + random.nextInt(6);
            int candidates = 2 + random.nextInt(20);
            int count = 1 + random.nextInt(candidates);
            boolean ties = seed % 2 == 0;
            double[] density = new double[candidates];
            for (int i = 0; i < candidates; i++) {
                density[i] = ties ? 1 << random.nextInt(2) : 1 + 3 * random.nextDouble();
            }
            int[][] neighbours = new int[queries][];
            double[][] distances = new double[queries][count];
            for (int j = 0; j < queries; j++) {
                long[] all = LongStream.range(0, candidates).toArray();
                Shuffle.inPlace(all, random);
                neighbours[j] = Arrays.stream(all).limit(count).mapToInt(i -> (int) i).toArray();
                Arrays.setAll(distances[j], i -> random.nextInt(20) / 8.0); // exact sums
                Arrays.sort(distances[j]);
            }
            double scale = 0.25 + random.nextInt(12) / 4.0;
            double[] mass = mass(neighbours, distances, density, 0.5, scale);
            assertArrayEquals(
                    inOrder(neighbours, distances, density, 0.5, scale),
                    mass,
                    1e-12, // doubles, summed in another order
                    "seed " + seed);
            assertEquals(1, Arrays.stream(mass).sum(), 1e-12);
        }
    }

    /** The algorithm as the paper's code has it: one event after the other. */
    private static double[] inOrder(
            int[][] neighbours, double[][] d, double[] density, double alpha, double scale) {
        int m = neighbours.length;
        record Event(double sum, int k, int j) {}
        List<Event> events = new ArrayList<>();
        double[][] weighted = new double[m][neighbours[0].length];
        for (int j = 0; j < m; j++) {
            double sum = 0;
            double w = 0;
            for (int k = 0; k < neighbours[j].length; k++) {
                sum += 1 / density[neighbours[j][k]];
                w += d[j][k] / density[neighbours[j][k]];
                weighted[j][k] = w;
                if (k < neighbours[j].length - 1) {
                    events.add(new Event(sum, k, j));
                }
            }
        }
        events.sort(
                Comparator.comparingDouble(Event::sum)
                        .thenComparingInt(Event::k)
                        .thenComparingInt(Event::j));
        double[] cost = new double[m];
        int[] last = new int[m];
        Arrays.fill(last, -1);
        double level = 0;
        for (Event event : events) {
            level = event.sum();
            cost[event.j()] = d[event.j()][event.k() + 1] * level - weighted[event.j()][event.k()];
            if (alpha / scale * Arrays.stream(cost).sum() >= (1 - alpha) * m) {
                break;
            }
            last[event.j()] = event.k();
        }
        double[] mass = new double[density.length];
        for (int j = 0; j < m; j++) {
            double left = 1.0 / m;
            for (int k = 0; k <= last[j]; k++) {
                double share = 1 / (m * level * density[neighbours[j][k]]);
                mass[neighbours[j][k]] += share;
                left -= share;
            }
            mass[neighbours[j][last[j] + 1]] += Math.max(0, left);
        }
        return mass;
    }

    @Test
    void mass_badArguments_areRefused() {
        assertRefused(
                "0 queries and distances of 0",
                () -> mass(new int[0][], new double[0][], new double[1]));
        assertRefused(
                "query 1: 1 neighbours, 1 distances, must be as many as query 0 has, at least one",
                () ->
                        mass(
                                new int[][] {{0, 1}, {0}},
                                new double[][] {{1, 2}, {1}},
                                new double[] {1, 1}));
        assertRefused(
                "density[1] = 0.0, must be above 0",
                () -> mass(new int[][] {{1, 0}}, new double[][] {{1, 2}}, new double[] {1, 0}));
    }

    @Test
    void mass_asksForFewDensities_andForNoneTwice() {
        RandomGenerator random = Seeds.generator(7);
        int candidates = 2000;
        int[][] neighbours = new int[5][];
        double[][] distances = new double[5][candidates];
        for (int j = 0; j < neighbours.length; j++) {
            long[] all = LongStream.range(0, candidates).toArray();
            Shuffle.inPlace(all, random);
            neighbours[j] = Arrays.stream(all).mapToInt(i -> (int) i).toArray();
            Arrays.setAll(distances[j], k -> k / 100.0);
        }
        double[] density = random.doubles(candidates, 1, 3).toArray();
        Set<Integer> asked = new HashSet<>();
        double[] mass =
                NeighbourTransport.mass(
                        neighbours,
                        distances,
                        new NeighbourTransport.Densities() {
                            @Override
                            public int size() {
                                return candidates;
                            }

                            @Override
                            public double[] of(int[] some) {
                                Arrays.stream(some).forEach(i -> assertTrue(asked.add(i)));
                                return Arrays.stream(some).mapToDouble(i -> density[i]).toArray();
                            }
                        },
                        0.5,
                        5);
        assertArrayEquals(inOrder(neighbours, distances, density, 0.5, 5), mass, 1e-12);
        int needed = (int) Arrays.stream(mass).filter(p -> p > 0).count();
        assertTrue(
                asked.size() <= 2 * needed && needed > 100,
                asked.size() + " densities for " + needed);
    }

    private static double[] mass(int[][] neighbours, double[][] distances, double[] density) {
        return mass(neighbours, distances, density, 0.5, 5);
    }

    private static double[] mass(
            int[][] neighbours,
            double[][] distances,
            double[] density,
            double alpha,
            double scale) {
        return NeighbourTransport.mass(
                neighbours, distances, NeighbourTransport.Densities.known(density), alpha, scale);
    }

    private static void assertRefused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
