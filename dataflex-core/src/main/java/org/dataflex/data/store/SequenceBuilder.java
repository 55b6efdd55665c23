package org.dataflex.data.store;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.dataflex.data.template.Template;
import org.dataflex.data.template.TokenEncoder;

/** Collects how samples become sequences, and where these are kept. */
abstract class SequenceBuilder<B extends SequenceBuilder<B>> {

    /** What LLaMA-Factory's {@code cutoff_len} is unless set. */
    public static final int CUTOFF_LENGTH = 2048;

    static final String TEMPLATE = "optTemplate, for the conversations";

    TokenEncoder tokenizer;
    Template template;
    Path store;
    int cutoffLength = CUTOFF_LENGTH;
    TooLong tooLong;
    boolean trainOnPrompt;
    boolean maskHistory;
    Invalid invalid = Invalid.REFUSE;

    /** This builder, as what it is. */
    abstract B self();

    /**
     * Sets the model's tokenizer.
     *
     * @param tokenizer the tokenizer; stays the caller's, and open as long as samples are made
     * @return this builder
     */
    public B setTokenizer(TokenEncoder tokenizer) {
        this.tokenizer = tokenizer;
        return self();
    }

    /**
     * Sets where tokens are kept.
     *
     * @param directory made if it does not exist; may be deleted when no run reads it
     * @return this builder
     */
    public B setStore(Path directory) {
        this.store = directory;
        return self();
    }

    /**
     * Sets the template that conversations are put in; needed where a dataset holds conversations.
     *
     * @param template the template, of the same tokenizer
     * @return this builder
     */
    public B optTemplate(Template template) {
        this.template = template;
        return self();
    }

    /**
     * Sets how long a sample may be.
     *
     * @param tokens at least 2; {@value #CUTOFF_LENGTH} by default
     * @return this builder
     */
    public B optCutoffLength(int tokens) {
        this.cutoffLength = tokens;
        return self();
    }

    /**
     * Sets what becomes of longer samples.
     *
     * @param tooLong by default {@link TooLong#CUT} for conversations and {@link TooLong#SPLIT} for
     *     texts
     * @return this builder
     */
    public B optTooLong(TooLong tooLong) {
        this.tooLong = Objects.requireNonNull(tooLong, "tooLong");
        return self();
    }

    /**
     * Makes prompts targets too.
     *
     * @param trainOnPrompt whether; false by default. Not together with {@link #optMaskHistory}
     * @return this builder
     */
    public B optTrainOnPrompt(boolean trainOnPrompt) {
        this.trainOnPrompt = trainOnPrompt;
        return self();
    }

    /**
     * Makes only the last turn of a conversation a target.
     *
     * @param maskHistory whether; false by default
     * @return this builder
     */
    public B optMaskHistory(boolean maskHistory) {
        this.maskHistory = maskHistory;
        return self();
    }

    /**
     * Sets what becomes of rows that are no samples, such as one without an output.
     *
     * @param invalid {@link Invalid#REFUSE} by default
     * @return this builder
     */
    public B optInvalid(Invalid invalid) {
        this.invalid = Objects.requireNonNull(invalid, "invalid");
        return self();
    }

    /** What is not set of that which is always needed. */
    List<String> missing() {
        List<String> missing = new ArrayList<>();
        if (tokenizer == null) {
            missing.add("setTokenizer");
        }
        if (store == null) {
            missing.add("setStore");
        }
        return missing;
    }

    static void requireNone(List<String> missing) {
        if (!missing.isEmpty()) {
            throw new IllegalStateException("not set: " + String.join("; ", missing));
        }
    }

    void requireSequencesInRange() {
        require(cutoffLength >= 2, "cutoffLength = " + cutoffLength + ", must be at least 2");
        require(
                !(trainOnPrompt && maskHistory),
                "trainOnPrompt and maskHistory contradict each other; choose one");
    }

    /** Refuses texts or conversations that cannot become sequences with these settings. */
    void requireFit(String name, boolean isText) {
        require(
                isText || tooLong != TooLong.SPLIT,
                "tooLong = SPLIT is for texts, but '"
                        + name
                        + "' holds conversations; CUT or LEAVE_OUT them");
        require(
                !isText || tokenizer.eosToken().isPresent(),
                "'"
                        + name
                        + "' holds texts, but the tokenizer has no token that ends a text;"
                        + " name it as eos_token in tokenizer_config.json");
    }

    static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    /** How texts, or conversations, become sequences. */
    SampleEncoding encoding(boolean isText) {
        TooLong longer = tooLong;
        if (longer == null) {
            longer = isText ? TooLong.SPLIT : TooLong.CUT;
        }
        return new SampleEncoding(
                tokenizer,
                isText ? null : template,
                new SequenceForm(cutoffLength, longer, trainOnPrompt, maskHistory));
    }
}
