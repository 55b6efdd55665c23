package org.dataflex.selectors;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.dataflex.model.GenerationOptions;
import org.dataflex.model.Preconditioner;
import org.dataflex.selectors.NiceSelector.Preconditioning;
import org.dataflex.selectors.reward.Answer;
import org.dataflex.selectors.reward.Reward;

/** Collects the settings of a {@link NiceSelector}; it makes one selector only. */
public final class NiceSelectorBuilder {

    final Map<String, List<Prompt>> subtasks = new LinkedHashMap<>();
    final Set<Integer> stopTokens = new TreeSet<>();
    Tokenizer tokenizer;
    Reward reward;
    int mcSamples = NiceSelector.MC_SAMPLES;
    int maxNewTokens = NiceSelector.MAX_NEW_TOKENS;
    double temperature = NiceSelector.TEMPERATURE;
    int topK;
    double topP = 1;
    long seed;
    boolean baseline;
    double rejectBelow = Double.NEGATIVE_INFINITY;
    int topAnswers;
    Preconditioning preconditioner = NiceSelector.PRECONDITIONER;
    Compatibility compatibility = Compatibility.NONE;
    Pattern parameters = Pattern.compile(NiceSelector.PARAMETERS);
    int chunkSize = NiceSelector.CHUNK_SIZE;

    Path rewardFile;

    /** Where passes leave their files, or null. */
    Path scoreDirectory;

    private boolean built;

    NiceSelectorBuilder() {}

    /**
     * Sets what turns answers into text.
     *
     * @param tokenizer that of the model in training
     * @return this
     */
    public NiceSelectorBuilder setTokenizer(Tokenizer tokenizer) {
        this.tokenizer = Objects.requireNonNull(tokenizer, "tokenizer");
        return this;
    }

    /**
     * Sets what answers are worth.
     *
     * @param reward the reward
     * @return this
     */
    public NiceSelectorBuilder setReward(Reward reward) {
        this.reward = Objects.requireNonNull(reward, "reward");
        return this;
    }

    /**
     * Adds prompts; what helps to answer those of any one subtask well is chosen.
     *
     * @param name the subtask's name, not yet taken
     * @param prompts at least one; not those that the model is measured by
     * @return this
     * @throws IllegalArgumentException if the name is taken, or there are no prompts
     */
    public NiceSelectorBuilder addSubtask(String name, List<Prompt> prompts) {
        Objects.requireNonNull(name, "name");
        if (prompts.isEmpty()) {
            throw new IllegalArgumentException(
                    "subtask '" + name + "' has no prompts, must have at least one");
        }
        if (subtasks.putIfAbsent(name, List.copyOf(prompts)) != null) {
            throw new IllegalArgumentException("two subtasks are named '" + name + "'");
        }
        return this;
    }

    /**
     * Sets how many answers to a prompt are drawn.
     *
     * @param answers at least 1, by default {@link NiceSelector#MC_SAMPLES}; at temperature 0 just
     *     1, since all would be the same
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public NiceSelectorBuilder optMcSamples(long answers) {
        this.mcSamples = SettingRange.atLeast1("mcSamples", answers);
        return this;
    }

    /**
     * Sets the most tokens of an answer; prompt and answer must fit the model.
     *
     * @param tokens at least 1, by default {@link NiceSelector#MAX_NEW_TOKENS}
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public NiceSelectorBuilder optMaxNewTokens(long tokens) {
        this.maxNewTokens = SettingRange.atLeast1("maxNewTokens", tokens);
        return this;
    }

    /**
     * Sets what logits are divided by when answers are drawn.
     *
     * @param temperature finite, at least 0, by default {@link NiceSelector#TEMPERATURE}; below 1
     *     likely answers count for more than the gradient says
     * @return this
     */
    public NiceSelectorBuilder optTemperature(double temperature) {
        this.temperature = temperature;
        return this;
    }

    /**
     * Sets which tokens may be drawn, see {@link GenerationOptions}.
     *
     * @param topK how many of the likeliest, at least 1; by default 0, which is all
     * @param topP the probability that they have together, above 0, at most 1, by default 1
     * @return this
     * @throws IllegalArgumentException if topK is out of range
     */
    public NiceSelectorBuilder optLikeliest(long topK, double topP) {
        this.topK = SettingRange.atLeast0("topK", topK);
        this.topP = topP;
        return this;
    }

    /**
     * Adds tokens that end an answer; they are no part of its text.
     *
     * @param ids token ids, by default none
     * @return this
     */
    public NiceSelectorBuilder addStopTokens(Iterable<Integer> ids) {
        ids.forEach(stopTokens::add);
        return this;
    }

    /**
     * Sets what all draws follow from, together with the step.
     *
     * @param seed any value, by default 0
     * @return this
     */
    public NiceSelectorBuilder optSeed(long seed) {
        this.seed = seed;
        return this;
    }

    /**
     * Sets whether the mean reward of a prompt's other answers is subtracted from that of each, so
     * that answers below it repel.
     *
     * @param baseline by default false; true needs at least 2 answers
     * @return this
     */
    public NiceSelectorBuilder optBaseline(boolean baseline) {
        this.baseline = baseline;
        return this;
    }

    /**
     * Rejects answers of low rewards: u(q) is the mean over those that are left.
     *
     * @param reward the lowest that counts; by default all do
     * @return this
     * @throws IllegalArgumentException if it is not finite
     */
    public NiceSelectorBuilder optRejectBelow(double reward) {
        if (!Double.isFinite(reward)) {
            throw new IllegalArgumentException("rejectBelow = " + reward + ", must be finite");
        }
        this.rejectBelow = reward;
        return this;
    }

    /**
     * Rejects all answers to a prompt but those of the highest rewards; of equal ones the first
     * count.
     *
     * @param answers at least 1, by default all
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public NiceSelectorBuilder optTopAnswers(long answers) {
        this.topAnswers = SettingRange.atLeast1("topAnswers", answers);
        return this;
    }

    /**
     * Keeps rewards in a file as they are given, so that none is asked for twice, not even by a run
     * that goes on after a crash.
     *
     * @param file made if it does not exist; several runs may use it one after the other. A reward
     *     is known by its {@link Reward#description description}, prompt, answer and reference
     * @return this
     */
    public NiceSelectorBuilder optRewardFile(Path file) {
        this.rewardFile = Objects.requireNonNull(file, "file");
        return this;
    }

    /**
     * Sets what becomes of a candidate's gradient first.
     *
     * @param preconditioner by default {@link NiceSelector#PRECONDITIONER}, which needs Adam or
     *     AdamW as the optimizer
     * @return this
     */
    public NiceSelectorBuilder optPreconditioner(Preconditioning preconditioner) {
        this.preconditioner = Objects.requireNonNull(preconditioner, "preconditioner");
        return this;
    }

    /**
     * Sets whose behaviour to follow.
     *
     * @param compatibility by default {@link Compatibility#NONE}; with {@link
     *     Compatibility#DATAFLEX} candidates' gradients are raw, the mean is taken over all
     *     prompts, and rewards that are all 0 choose the first candidates
     * @return this
     */
    public NiceSelectorBuilder optCompatibility(Compatibility compatibility) {
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
    public NiceSelectorBuilder optParameters(Pattern names) {
        this.parameters = Objects.requireNonNull(names, "names");
        return this;
    }

    /**
     * Sets how many candidates are scored at a time.
     *
     * @param candidates at least 1, by default {@link NiceSelector#CHUNK_SIZE}
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public NiceSelectorBuilder optChunkSize(long candidates) {
        this.chunkSize = SettingRange.atLeast1("chunkSize", candidates);
        return this;
    }

    /**
     * Keeps the cosines of each chunk in a file, so that a killed pass goes on from its last chunk.
     *
     * <p>A file belongs to the candidates, the answers, what each counts for, and the settings;
     * whether the model is the same, its first chunk tells, which every pass computes. Files are of
     * 4 S bytes a candidate and never deleted; each update leaves one, with a mixer one a domain. A
     * reward that does not say the same of an answer twice needs {@link #optRewardFile}, too.
     *
     * @param directory made if it does not exist; one for each run at a time
     * @return this
     */
    public NiceSelectorBuilder optScoreDirectory(Path directory) {
        this.scoreDirectory = Objects.requireNonNull(directory, "directory");
        return this;
    }

    /**
     * Makes the selector.
     *
     * @return a new selector
     * @throws IllegalArgumentException if tokenizer, reward or prompts are missing, or settings do
     *     not go together
     * @throws IllegalStateException if this builder has made one
     */
    public NiceSelector build() {
        if (built) {
            throw new IllegalStateException("this builder has made its selector; start another");
        }
        require(tokenizer != null, "no tokenizer; call setTokenizer");
        require(reward != null, "no reward; call setReward");
        require(!subtasks.isEmpty(), "no prompts; call addSubtask");
        require(
                temperature != 0 || mcSamples == 1,
                "mcSamples = "
                        + mcSamples
                        + " answers are all the same at temperature 0; set mcSamples to 1, or a"
                        + " temperature");
        require(
                !baseline || mcSamples > 1,
                "mcSamples = 1 leaves no other answers for the baseline, must be at least 2");
        require(
                rewardFile == null || !reward.description().equals(Reward.CUSTOM),
                "rewardFile = "
                        + rewardFile
                        + " keeps rewards by their description, and this one has none; override"
                        + " Reward.description");
        options(seed); // checks the rest
        subtasks.values().stream()
                .flatMap(List::stream)
                .forEach(p -> reward.check(new Answer(p.text(), "", p.reference())));
        built = true;
        return new NiceSelector(this);
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    AnswerWeights weights() {
        return new AnswerWeights(baseline, rejectBelow, topAnswers);
    }

    boolean rejects() {
        return rejectBelow > Double.NEGATIVE_INFINITY;
    }

    GenerationOptions options(long drawsFrom) {
        return GenerationOptions.builder()
                .setMaxNewTokens(maxNewTokens)
                .optTemperature(temperature)
                .optTopK(topK)
                .optTopP(topP)
                .addStopTokens(stopTokens)
                .optSeed(drawsFrom)
                .build();
    }

    Preconditioner gradientPreconditioner() {
        return preconditioner == Preconditioning.NONE || compatibility == Compatibility.DATAFLEX
                ? new Preconditioner.None()
                : Preconditioner.Adam.less();
    }
}
