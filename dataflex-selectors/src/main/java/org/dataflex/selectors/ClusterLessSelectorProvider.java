package org.dataflex.selectors;

import org.dataflex.strategy.Selector;
import org.dataflex.strategy.Settings;
import org.dataflex.strategy.StrategyProvider;
import org.dataflex.strategy.TargetFiles;

/**
 * Makes a {@link ClusterLessSelector} by the name {@code cluster-less}.
 *
 * <p>Settings: {@code targets} (required; the subtasks as {@code name:path,name:path}, of files
 * that {@code TokenSequences.save} wrote), {@code clustering} (kmeans, spherical, farthest_first,
 * lsh, random), {@code clusterSize}, {@code numClusters}, {@code iterations}, {@code
 * samplesPerCluster}, {@code representatives} (random, nearest, farthest, alternating), {@code
 * ties} (embedding, shuffle, position), {@code preconditioner} (adam, none), {@code compatibility}
 * (none, dataflex), {@code parameters} (a regular expression), {@code chunkSize}. Another embedding
 * model is set in Java.
 */
public final class ClusterLessSelectorProvider implements StrategyProvider<Selector> {

    /** Made by {@link java.util.ServiceLoader}. */
    public ClusterLessSelectorProvider() {}

    @Override
    public Class<Selector> kind() {
        return Selector.class;
    }

    @Override
    public String name() {
        return ClusterLessSelector.NAME;
    }

    @Override
    public Selector create(Settings settings) {
        ClusterLessSelectorBuilder builder =
                ClusterLessSelector.builder()
                        .optClustering(
                                settings.choice("clustering", ClusterLessSelector.CLUSTERING))
                        .optClusterSize(
                                integer(settings, "clusterSize", ClusterLessSelector.CLUSTER_SIZE))
                        .optIterations(
                                integer(settings, "iterations", ClusterLessSelector.ITERATIONS))
                        .optSamplesPerCluster(
                                integer(
                                        settings,
                                        "samplesPerCluster",
                                        ClusterLessSelector.SAMPLES_PER_CLUSTER))
                        .optRepresentatives(
                                settings.choice(
                                        "representatives", ClusterLessSelector.REPRESENTATIVES))
                        .optPreconditioner(
                                settings.choice("preconditioner", LessSelector.PRECONDITIONER))
                        .optCompatibility(settings.choice("compatibility", Compatibility.NONE))
                        .optParameters(ParameterNames.read(settings, LessSelector.PARAMETERS))
                        .optChunkSize(integer(settings, "chunkSize", LessSelector.CHUNK_SIZE));
        if (settings.isSet("numClusters")) {
            builder.optNumClusters(integer(settings, "numClusters", 0));
        }
        if (settings.isSet("ties")) {
            builder.optTies(settings.choice("ties", ClusterLessSelector.Ties.EMBEDDING));
        }
        TargetFiles.read(settings).forEach(builder::addSubtask);
        return builder.build();
    }

    private static int integer(Settings settings, String name, long defaultValue) {
        return SettingRange.atLeast1(name, settings.integer(name, defaultValue));
    }
}
