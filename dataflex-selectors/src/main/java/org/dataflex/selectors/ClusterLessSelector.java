package org.dataflex.selectors;

import ai.djl.nn.Block;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.SampleSet;
import org.dataflex.data.Samples;
import org.dataflex.math.Clustering;
import org.dataflex.math.FarthestFirst;
import org.dataflex.math.KMeans;
import org.dataflex.math.RandomHyperplanes;
import org.dataflex.math.RandomPartition;
import org.dataflex.model.ModelOps;
import org.dataflex.strategy.Need;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.SelectionContext;
import org.dataflex.strategy.Selector;
import org.dataflex.strategy.Stateful;
import org.dataflex.torch.CentreProducts;

/**
 * Chooses the clusters of candidates whose representatives' gradients point most where those of
 * target samples do: {@link LessSelector} at the cost of a few gradients a cluster.
 *
 * <p>A method of <a href="https://arxiv.org/abs/2603.26164">DataFlex</a>; no paper of its own.
 *
 * <p>Formula: candidates are embedded once and divided into k = ceil(n / clusterSize) clusters, or
 * numClusters, at most n. At an update each cluster C has s representatives R; with Gamma_i and u_j
 * of {@link LessSelector},
 *
 * <pre>
 * score_C = max over subtasks of mean over i in R, j of cos(Gamma_i, u_j)
 * </pre>
 *
 * <p>Every member has its cluster's score. The highest scores win, within a cluster by {@link
 * Ties}. Representatives whose gradient is not finite do not count; a cluster with no other has
 * score -infinity.
 *
 * <p>Needs: a model with hidden states, Adam or AdamW, target samples. State: clusters and
 * embeddings, 4 d bytes a candidate for d features. Cost: a forward pass over the candidates and
 * O(iterations n k d) once; the gradients of k s representatives and of the targets an update.
 *
 * <p>Deviations from DataFlex: k-means starts by k-means++ and stops when nothing changes; the mean
 * of the representatives' cosines is not divided by the norm of their mean unit gradient; maximum
 * over subtasks; epsilon inside the root; tied members in a stated order. {@link
 * Compatibility#DATAFLEX} takes all but the first back, at twice the gradients.
 */
public final class ClusterLessSelector implements Selector, Stateful {

    /** DataFlex 3c13e37, cluster_less_selector.py. */
    public static final Method CLUSTERING = Method.KMEANS;

    /** DataFlex 3c13e37, cluster_less_selector.py. */
    public static final int CLUSTER_SIZE = 64;

    /** DataFlex 3c13e37, cluster_less_selector.py. */
    public static final int ITERATIONS = 20;

    /** DataFlex 3c13e37, cluster_less_selector.py. */
    public static final int SAMPLES_PER_CLUSTER = 3;

    /** DataFlex 3c13e37, cluster_less_selector.py. */
    public static final Representatives REPRESENTATIVES = Representatives.RANDOM;

    static final String NAME = "cluster-less";

    private final ClusterLessSelectorBuilder settings;
    private final TargetCosines cosines;
    private final ClusterMembers members = new ClusterMembers();

    ClusterLessSelector(ClusterLessSelectorBuilder settings) {
        this.settings = settings;
        this.cosines =
                new ExactCosines(
                        new GradientComparison(
                                settings.subtasks,
                                settings.gradientPreconditioner(),
                                settings.parameters,
                                settings.chunkSize),
                        null);
    }

    /**
     * Starts a selector.
     *
     * @return a new builder; it needs a subtask
     */
    public static ClusterLessSelectorBuilder builder() {
        return new ClusterLessSelectorBuilder();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Map<String, String> settings() {
        Map<String, String> text = new LinkedHashMap<>();
        text.put(
                "targets",
                settings.subtasks.entrySet().stream()
                        .map(e -> e.getKey() + ":" + e.getValue().fingerprint())
                        .collect(Collectors.joining(",")));
        text.put("clustering", text(settings.clustering));
        if (settings.numClusters > 0) {
            text.put("numClusters", String.valueOf(settings.numClusters));
        } else {
            text.put("clusterSize", String.valueOf(settings.clusterSize));
        }
        text.put("iterations", String.valueOf(settings.iterations));
        text.put("samplesPerCluster", String.valueOf(settings.samplesPerCluster));
        text.put("representatives", text(settings.representatives));
        text.put("ties", text(settings.tieOrder()));
        text.put(
                "embeddings", settings.embeddingModel == null ? "training model" : "another model");
        text.put("preconditioner", text(settings.preconditioner));
        text.put("compatibility", text(settings.compatibility));
        text.put("parameters", settings.parameters.pattern());
        text.put("chunkSize", String.valueOf(settings.chunkSize));
        return Collections.unmodifiableMap(text);
    }

    private static String text(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /** Returns hidden states, if no other model embeds, and moments, if gradients take them. */
    @Override
    public Set<Need> needs() {
        Set<Need> needs = EnumSet.noneOf(Need.class);
        needs.addAll(Need.of(settings.gradientPreconditioner()));
        if (settings.embeddingModel == null) {
            needs.add(Need.HIDDEN_STATES);
        }
        return needs;
    }

    /** Returns the subtasks. */
    @Override
    public Map<String, SampleSet> targets() {
        return Collections.unmodifiableMap(settings.subtasks);
    }

    @Override
    public Map<String, double[]> saveState() {
        return members.save();
    }

    @Override
    public void restoreState(Map<String, double[]> state) {
        members.restore(state);
    }

    @Override
    public void check(CandidatePool pool) {
        TargetTokens.requireAny(targets());
    }

    @Override
    public void check(Block block) {
        new ParameterNames(settings.parameters).check(block);
    }

    /**
     * Chooses {@code context.budget()} candidates.
     *
     * @throws IllegalArgumentException if an embedding is all zeros or not finite
     * @throws IllegalStateException if no representative has a finite gradient, or all scores are 0
     * @throws ai.djl.TrainingDivergedException if a target sample has none
     */
    @Override
    public Selection select(SelectionContext context) {
        Samples candidates = context.candidates();
        RandomGenerator random = context.random();
        long clusteringSeed = random.nextLong();
        members.admit(
                candidates,
                embeddingOps(context),
                settings.chunkSize,
                settings.clustering.clustering(settings.iterations),
                clusters(candidates.size()),
                clusteringSeed);
        ClusterRanking ranking = new ClusterRanking(candidates, members);
        List<int[]> representatives =
                ranking.representatives(
                        settings.representatives, settings.samplesPerCluster, random.nextLong());
        double[][] own = ownScores(context.model(), candidates, representatives);
        ranking.score(
                representatives, own, divisors(context.model(), candidates, representatives, own));
        double[] scores =
                FiniteScores.requireSignal(FiniteScores.lastIfNaN(ranking.scores(), "gradient"));
        double[] ties = ranking.ties(settings.tieOrder(), random.nextLong());
        int[] chosen =
                IntStream.range(0, scores.length)
                        .boxed()
                        .sorted(
                                Comparator.comparingDouble((Integer i) -> 0 - scores[i])
                                        .thenComparingDouble(i -> 0 - ties[i]))
                        .limit(context.budget())
                        .mapToInt(i -> i)
                        .toArray();
        return Selection.of(candidates, scores, chosen);
    }

    private ModelOps embeddingOps(SelectionContext context) {
        return settings.embeddingModel == null
                ? context.model()
                : context.modelOps(settings.embeddingModel);
    }

    /** Returns k for n candidates. */
    int clusters(int n) {
        long k =
                settings.numClusters > 0
                        ? settings.numClusters
                        : ((long) n + settings.clusterSize - 1) / settings.clusterSize;
        return (int) Math.max(1, Math.min(n, k));
    }

    /** The cosines of representatives, [which][subtask], in the order they are listed. */
    private double[][] ownScores(ModelOps model, Samples candidates, List<int[]> representatives) {
        long[] positions =
                representatives.stream()
                        .flatMapToInt(Arrays::stream)
                        .mapToLong(candidates.indices()::get)
                        .toArray();
        Samples samples = new Samples(candidates.source(), SampleIndices.of(positions));
        float[][] rows = cosines.of(model, "", samples);
        return Arrays.stream(rows).map(this::subtaskScores).toArray(double[][]::new);
    }

    /** DataFlex compares a mean of unit gradients that is scaled to length 1 again. */
    private double[] divisors(
            ModelOps model, Samples candidates, List<int[]> representatives, double[][] own) {
        if (settings.compatibility == Compatibility.NONE) {
            return representatives.stream().mapToDouble(which -> 1).toArray();
        }
        List<Samples> finite = new ArrayList<>();
        int row = 0;
        for (int[] which : representatives) {
            finite.add(finite(which, Arrays.copyOfRange(own, row, row + which.length), candidates));
            row += which.length;
        }
        return model.meanResultantLengths(
                finite, settings.parameters.asPredicate(), settings.gradientPreconditioner());
    }

    private static Samples finite(int[] which, double[][] own, Samples candidates) {
        long[] positions =
                IntStream.range(0, which.length)
                        .filter(i -> !Double.isNaN(own[i][0]))
                        .mapToLong(i -> candidates.indices().get(which[i]))
                        .toArray();
        return new Samples(candidates.source(), SampleIndices.of(positions));
    }

    /** A number a subtask, or one for all: the mean over all target samples. */
    private double[] subtaskScores(float[] cosines) {
        double[] each = IntStream.range(0, cosines.length).mapToDouble(s -> cosines[s]).toArray();
        if (settings.compatibility == Compatibility.NONE) {
            return each;
        }
        double sum = 0;
        double all = 0;
        int s = 0;
        for (SampleSet targets : settings.subtasks.values()) {
            sum += targets.size() * each[s++];
            all += targets.size();
        }
        return new double[] {sum / all};
    }

    /** How candidates are divided into clusters. */
    public enum Method {
        /** k-means by distance ({@link KMeans#euclidean}). */
        KMEANS,
        /** k-means by cosine ({@link KMeans#spherical}). */
        SPHERICAL,
        /** Around centres that are far apart ({@link FarthestFirst}). */
        FARTHEST_FIRST,
        /** By the sides of random hyperplanes ({@link RandomHyperplanes}). */
        LSH,
        /** At random ({@link RandomPartition}). */
        RANDOM;

        private Clustering clustering(int iterations) {
            return switch (this) {
                case KMEANS -> KMeans.euclidean(iterations).withSearch(new CentreProducts());
                case SPHERICAL -> KMeans.spherical(iterations).withSearch(new CentreProducts());
                case FARTHEST_FIRST -> new FarthestFirst();
                case LSH -> new RandomHyperplanes();
                case RANDOM -> new RandomPartition();
            };
        }
    }

    /** Which members of a cluster stand for it. */
    public enum Representatives {
        /** Any, others at each update. */
        RANDOM,
        /** Those nearest to the centroid. */
        NEAREST,
        /** Those farthest from the centroid. */
        FARTHEST,
        /** The nearest, the farthest, the second nearest, and so on. */
        ALTERNATING
    }

    /** The order of members of a cluster; what is equal then goes by the lower position. */
    public enum Ties {
        /** The largest cosine of embeddings to the representative with the highest own score. */
        EMBEDDING,
        /** At random, anew at each update. */
        SHUFFLE,
        /** The lower position. */
        POSITION
    }
}
