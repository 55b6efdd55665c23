package org.dataflex.data.store;

import ai.djl.util.Progress;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.dataflex.data.format.DatasetFile;
import org.dataflex.data.format.DatasetLayout.Format;

/** Collects datasets and settings; makes a {@link PreparedData}. */
public final class PreparedDataBuilder extends SequenceBuilder<PreparedDataBuilder> {

    /** What a dataset is for. */
    enum Use {
        DOMAIN("domain"),
        TARGET("target set"),
        EVALUATION("evaluation set");

        final String text;

        Use(String text) {
            this.text = text;
        }
    }

    final Map<DatasetFile, Use> datasets = new LinkedHashMap<>();
    long maxSamples = Long.MAX_VALUE;
    double validationSize;
    boolean allowsSharedSamples;
    int threads = Runtime.getRuntime().availableProcessors();
    Progress progress = new NoProgress();
    long seed;

    PreparedDataBuilder() {}

    @Override
    PreparedDataBuilder self() {
        return this;
    }

    /**
     * Adds a dataset to train on: a domain of its name.
     *
     * @param dataset the dataset
     * @return this
     */
    public PreparedDataBuilder addDomain(DatasetFile dataset) {
        return add(dataset, Use.DOMAIN);
    }

    /**
     * Adds a target set, which selectors steer towards.
     *
     * @param dataset the dataset
     * @return this
     */
    public PreparedDataBuilder addTargetSet(DatasetFile dataset) {
        return add(dataset, Use.TARGET);
    }

    /**
     * Adds an evaluation set, which is only measured on.
     *
     * @param dataset the dataset
     * @return this
     */
    public PreparedDataBuilder addEvaluationSet(DatasetFile dataset) {
        return add(dataset, Use.EVALUATION);
    }

    private PreparedDataBuilder add(DatasetFile dataset, Use use) {
        for (DatasetFile other : datasets.keySet()) {
            if (other.name().equals(dataset.name())) {
                throw new IllegalArgumentException(
                        "two datasets are named '" + dataset.name() + "'; rename one");
            }
        }
        datasets.put(dataset, use);
        return this;
    }

    /**
     * Limits the rows that are read of each dataset.
     *
     * @param maxSamples the first so many are; at least 1
     * @return this
     */
    public PreparedDataBuilder optMaxSamples(long maxSamples) {
        this.maxSamples = maxSamples;
        return this;
    }

    /**
     * Holds samples of all domains out for validation. Samples of equal content are all held out or
     * all trained on, in whatever domains they are; so a few more may be held out than asked for.
     *
     * @param size how many if at least 1, else which share of all; 0, the default, for none
     * @return this
     */
    public PreparedDataBuilder optValidationSize(double size) {
        this.validationSize = size;
        return this;
    }

    /**
     * Allows domains, target sets and evaluation sets to share samples.
     *
     * @param allowed whether; false by default
     * @return this
     */
    public PreparedDataBuilder optSharedSamples(boolean allowed) {
        this.allowsSharedSamples = allowed;
        return this;
    }

    /**
     * Sets how many threads encode.
     *
     * @param threads at least 1; as many as there are processors by default
     * @return this
     */
    public PreparedDataBuilder optThreads(int threads) {
        this.threads = threads;
        return this;
    }

    /**
     * Shows the progress of tokenising, such as in DJL's {@code ProgressBar}.
     *
     * @param progress told the bytes of each dataset that are done
     * @return this
     */
    public PreparedDataBuilder optProgress(Progress progress) {
        this.progress = Objects.requireNonNull(progress, "progress");
        return this;
    }

    /**
     * Sets the seed of what is held out.
     *
     * @param seed any; 0 by default
     * @return this
     */
    public PreparedDataBuilder optSeed(long seed) {
        this.seed = seed;
        return this;
    }

    /**
     * Tokenises what is not in the store yet, and opens everything.
     *
     * @return the data; the caller closes it
     * @throws IOException if a file cannot be read or a row is no sample; the message names both
     * @throws IllegalArgumentException if a setting is out of range or contradicts another, or sets
     *     share samples
     * @throws IllegalStateException if something that is needed is not set; the message names all
     */
    public PreparedData build() throws IOException {
        requireComplete();
        requireInRange();
        return new Preparation(this).run();
    }

    private void requireComplete() {
        List<String> missing = missing();
        if (!datasets.containsValue(Use.DOMAIN)) {
            missing.add("addDomain");
        }
        if (template == null && datasets.keySet().stream().anyMatch(d -> !isText(d))) {
            missing.add(TEMPLATE);
        }
        requireNone(missing);
    }

    private void requireInRange() {
        require(maxSamples >= 1, "maxSamples = " + maxSamples + ", must be at least 1");
        require(threads >= 1, "threads = " + threads + ", must be at least 1");
        require(
                validationSize >= 0
                        && validationSize < Integer.MAX_VALUE
                        && (validationSize < 1 || validationSize == Math.rint(validationSize)),
                "validationSize = "
                        + validationSize
                        + ", must be a share below 1 or a whole number of samples");
        requireSequencesInRange();
        datasets.keySet().forEach(dataset -> requireFit(dataset.name(), isText(dataset)));
    }

    static boolean isText(DatasetFile dataset) {
        return dataset.layout().format() == Format.TEXT;
    }
}
