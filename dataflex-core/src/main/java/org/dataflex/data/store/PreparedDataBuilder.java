package org.dataflex.data.store;

import ai.djl.util.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.dataflex.data.format.DatasetFile;
import org.dataflex.data.format.DatasetLayout.Format;
import org.dataflex.data.template.Template;
import org.dataflex.data.template.TokenEncoder;

/** Collects datasets and settings; makes a {@link PreparedData}. */
public final class PreparedDataBuilder {

    /** What LLaMA-Factory's {@code cutoff_len} is unless set. */
    public static final int CUTOFF_LENGTH = 2048;

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
    TokenEncoder tokenizer;
    Template template;
    Path store;
    int cutoffLength = CUTOFF_LENGTH;
    TooLong tooLong;
    boolean trainOnPrompt;
    boolean maskHistory;
    long maxSamples = Long.MAX_VALUE;
    double validationSize;
    Invalid invalid = Invalid.REFUSE;
    boolean allowsSharedSamples;
    int threads = Runtime.getRuntime().availableProcessors();
    Progress progress = new NoProgress();
    long seed;

    PreparedDataBuilder() {}

    /**
     * Sets the model's tokenizer.
     *
     * @param tokenizer the tokenizer; stays the caller's, and open until {@link #build} returns
     * @return this
     */
    public PreparedDataBuilder setTokenizer(TokenEncoder tokenizer) {
        this.tokenizer = tokenizer;
        return this;
    }

    /**
     * Sets where tokens are kept.
     *
     * @param directory made if it does not exist; may be shared by runs and processes, and deleted
     *     when none is running
     * @return this
     */
    public PreparedDataBuilder setStore(Path directory) {
        this.store = directory;
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
     * Sets the template that conversations are put in; needed where a dataset holds conversations.
     *
     * @param template the template, of the same tokenizer
     * @return this
     */
    public PreparedDataBuilder optTemplate(Template template) {
        this.template = template;
        return this;
    }

    /**
     * Sets how long a sample may be.
     *
     * @param tokens at least 2; {@value #CUTOFF_LENGTH} by default
     * @return this
     */
    public PreparedDataBuilder optCutoffLength(int tokens) {
        this.cutoffLength = tokens;
        return this;
    }

    /**
     * Sets what becomes of longer samples.
     *
     * @param tooLong by default {@link TooLong#CUT} for conversations and {@link TooLong#SPLIT} for
     *     texts
     * @return this
     */
    public PreparedDataBuilder optTooLong(TooLong tooLong) {
        this.tooLong = Objects.requireNonNull(tooLong, "tooLong");
        return this;
    }

    /**
     * Makes prompts targets too.
     *
     * @param trainOnPrompt whether; false by default. Not together with {@link #optMaskHistory}
     * @return this
     */
    public PreparedDataBuilder optTrainOnPrompt(boolean trainOnPrompt) {
        this.trainOnPrompt = trainOnPrompt;
        return this;
    }

    /**
     * Makes only the last turn of a conversation a target.
     *
     * @param maskHistory whether; false by default
     * @return this
     */
    public PreparedDataBuilder optMaskHistory(boolean maskHistory) {
        this.maskHistory = maskHistory;
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
     * Sets what becomes of rows that are no samples, such as one without an output.
     *
     * @param invalid {@link Invalid#REFUSE} by default
     * @return this
     */
    public PreparedDataBuilder optInvalid(Invalid invalid) {
        this.invalid = Objects.requireNonNull(invalid, "invalid");
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
        StringBuilder missing = new StringBuilder();
        if (tokenizer == null) {
            missing.append("setTokenizer; ");
        }
        if (store == null) {
            missing.append("setStore; ");
        }
        if (!datasets.containsValue(Use.DOMAIN)) {
            missing.append("addDomain; ");
        }
        if (template == null && datasets.keySet().stream().anyMatch(d -> !isText(d))) {
            missing.append("optTemplate, for the conversations; ");
        }
        if (!missing.isEmpty()) {
            throw new IllegalStateException(
                    "not set: " + missing.substring(0, missing.length() - 2));
        }
    }

    private void requireInRange() {
        require(cutoffLength >= 2, "cutoffLength = " + cutoffLength + ", must be at least 2");
        require(maxSamples >= 1, "maxSamples = " + maxSamples + ", must be at least 1");
        require(threads >= 1, "threads = " + threads + ", must be at least 1");
        require(
                validationSize >= 0
                        && validationSize < Integer.MAX_VALUE
                        && (validationSize < 1 || validationSize == Math.rint(validationSize)),
                "validationSize = "
                        + validationSize
                        + ", must be a share below 1 or a whole number of samples");
        require(
                !(trainOnPrompt && maskHistory),
                "trainOnPrompt and maskHistory contradict each other; choose one");
        for (DatasetFile dataset : datasets.keySet()) {
            require(
                    isText(dataset) || tooLong != TooLong.SPLIT,
                    "tooLong = SPLIT is for texts, but '"
                            + dataset.name()
                            + "' holds conversations; CUT or LEAVE_OUT them");
            require(
                    !isText(dataset) || tokenizer.eosToken().isPresent(),
                    "'"
                            + dataset.name()
                            + "' holds texts, but the tokenizer has no token that ends a text;"
                            + " name it as eos_token in tokenizer_config.json");
        }
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    static boolean isText(DatasetFile dataset) {
        return dataset.layout().format() == Format.TEXT;
    }
}
