package org.dataflex.selectors;

import ai.djl.Model;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.dataflex.data.SampleSet;
import org.dataflex.model.Preconditioner;
import org.dataflex.selectors.ClusterLessSelector.Method;
import org.dataflex.selectors.ClusterLessSelector.Representatives;
import org.dataflex.selectors.ClusterLessSelector.Ties;
import org.dataflex.selectors.LessSelector.Preconditioning;

/** Collects the settings of a {@link ClusterLessSelector}; it makes one selector only. */
public final class ClusterLessSelectorBuilder {

    final Map<String, SampleSet> subtasks = new LinkedHashMap<>();
    Method clustering = ClusterLessSelector.CLUSTERING;
    int clusterSize = ClusterLessSelector.CLUSTER_SIZE;

    /** 0 where the cluster size tells. */
    int numClusters;

    int iterations = ClusterLessSelector.ITERATIONS;
    int samplesPerCluster = ClusterLessSelector.SAMPLES_PER_CLUSTER;
    Representatives representatives = ClusterLessSelector.REPRESENTATIVES;

    /** Null where compatibility tells. */
    Ties ties;

    Preconditioning preconditioner = LessSelector.PRECONDITIONER;
    Compatibility compatibility = Compatibility.NONE;
    Pattern parameters = Pattern.compile(LessSelector.PARAMETERS);
    int chunkSize = LessSelector.CHUNK_SIZE;

    /** Null for the model in training. */
    Model embeddingModel;

    private boolean built;

    ClusterLessSelectorBuilder() {}

    /**
     * Adds target samples; what is similar to those of any one subtask is chosen.
     *
     * @param name the subtask's name, not yet taken
     * @param samples at least one; not those that a validation set measures by
     * @return this
     * @throws IllegalArgumentException if the name is taken
     */
    public ClusterLessSelectorBuilder addSubtask(String name, SampleSet samples) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(samples, "samples");
        if (subtasks.putIfAbsent(name, samples) != null) {
            throw new IllegalArgumentException("two subtasks are named '" + name + "'");
        }
        return this;
    }

    /**
     * Sets how candidates are divided into clusters.
     *
     * @param clustering by default {@link ClusterLessSelector#CLUSTERING}
     * @return this
     */
    public ClusterLessSelectorBuilder optClustering(Method clustering) {
        this.clustering = Objects.requireNonNull(clustering, "clustering");
        return this;
    }

    /**
     * Sets the mean size of clusters: n candidates make ceil(n / clusterSize) clusters.
     *
     * @param clusterSize at least 1, by default {@link ClusterLessSelector#CLUSTER_SIZE}
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public ClusterLessSelectorBuilder optClusterSize(int clusterSize) {
        this.clusterSize = SettingRange.atLeast1("clusterSize", clusterSize);
        return this;
    }

    /**
     * Sets the number of clusters, whatever the cluster size; n candidates make n at most.
     *
     * @param numClusters at least 1, by default not set
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public ClusterLessSelectorBuilder optNumClusters(int numClusters) {
        this.numClusters = SettingRange.atLeast1("numClusters", numClusters);
        return this;
    }

    /**
     * Sets how often k-means moves its centres at most.
     *
     * @param iterations at least 1, by default {@link ClusterLessSelector#ITERATIONS}
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public ClusterLessSelectorBuilder optIterations(int iterations) {
        this.iterations = SettingRange.atLeast1("iterations", iterations);
        return this;
    }

    /**
     * Sets how many members of a cluster have their gradients computed.
     *
     * @param samplesPerCluster at least 1, by default {@link
     *     ClusterLessSelector#SAMPLES_PER_CLUSTER}; of a smaller cluster all
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public ClusterLessSelectorBuilder optSamplesPerCluster(int samplesPerCluster) {
        this.samplesPerCluster = SettingRange.atLeast1("samplesPerCluster", samplesPerCluster);
        return this;
    }

    /**
     * Sets which members these are.
     *
     * @param representatives by default {@link ClusterLessSelector#REPRESENTATIVES}
     * @return this
     */
    public ClusterLessSelectorBuilder optRepresentatives(Representatives representatives) {
        this.representatives = Objects.requireNonNull(representatives, "representatives");
        return this;
    }

    /**
     * Sets the order of a cluster's members, which have the same score.
     *
     * @param ties by default {@link Ties#EMBEDDING}, with {@link Compatibility#DATAFLEX} {@link
     *     Ties#POSITION}
     * @return this
     */
    public ClusterLessSelectorBuilder optTies(Ties ties) {
        this.ties = Objects.requireNonNull(ties, "ties");
        return this;
    }

    /**
     * Sets what becomes of a representative's gradient first.
     *
     * @param preconditioner by default {@link LessSelector#PRECONDITIONER}, which needs Adam or
     *     AdamW as the optimizer
     * @return this
     */
    public ClusterLessSelectorBuilder optPreconditioner(Preconditioning preconditioner) {
        this.preconditioner = Objects.requireNonNull(preconditioner, "preconditioner");
        return this;
    }

    /**
     * Sets whose quirks to keep.
     *
     * @param compatibility by default {@link Compatibility#NONE}
     * @return this
     */
    public ClusterLessSelectorBuilder optCompatibility(Compatibility compatibility) {
        this.compatibility = Objects.requireNonNull(compatibility, "compatibility");
        return this;
    }

    /**
     * Sets which trainable parameters gradients are taken over.
     *
     * @param names found in the names that {@code Block.getParameters} gives them, such as {@code
     *     lora}; by default all are
     * @return this
     */
    public ClusterLessSelectorBuilder optParameters(Pattern names) {
        this.parameters = Objects.requireNonNull(names, "names");
        return this;
    }

    /**
     * Sets how many samples the model is asked for at a time.
     *
     * @param samples at least 1, by default {@link LessSelector#CHUNK_SIZE}
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public ClusterLessSelectorBuilder optChunkSize(int samples) {
        this.chunkSize = SettingRange.atLeast1("chunkSize", samples);
        return this;
    }

    /**
     * Embeds by another model than the one in training.
     *
     * @param model an initialized model on the device of the one in training, whose block
     *     implements {@code HiddenStates}; it is given the samples as they are, so that a language
     *     model must have the tokenizer that made them; it stays open and belongs to the caller
     * @return this
     * @throws IllegalArgumentException if its block has no hidden states
     */
    public ClusterLessSelectorBuilder optEmbeddingModel(Model model) {
        ModelEmbeddings.requireHiddenStates(Objects.requireNonNull(model, "model"));
        this.embeddingModel = model;
        return this;
    }

    Ties tieOrder() {
        if (ties != null) {
            return ties;
        }
        return compatibility == Compatibility.DATAFLEX ? Ties.POSITION : Ties.EMBEDDING;
    }

    Preconditioner gradientPreconditioner() {
        if (preconditioner == Preconditioning.NONE) {
            return new Preconditioner.None();
        }
        return compatibility == Compatibility.DATAFLEX
                ? Preconditioner.Adam.dataFlex()
                : Preconditioner.Adam.less();
    }

    /**
     * Makes the selector.
     *
     * @return a new selector
     * @throws IllegalStateException if there is no subtask, or a selector has been made already
     */
    public ClusterLessSelector build() {
        if (subtasks.isEmpty()) {
            throw new IllegalStateException("no target samples; call addSubtask");
        }
        if (built) {
            throw new IllegalStateException(
                    "this builder has made its selector; start another with"
                            + " ClusterLessSelector.builder()");
        }
        built = true;
        return new ClusterLessSelector(this);
    }
}
