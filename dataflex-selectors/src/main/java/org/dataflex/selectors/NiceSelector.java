package org.dataflex.selectors;

import ai.djl.nn.Block;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.SampleSet;
import org.dataflex.data.Samples;
import org.dataflex.data.TokenSequences;
import org.dataflex.model.BoundedLength;
import org.dataflex.model.BoundedVocabulary;
import org.dataflex.model.Direction;
import org.dataflex.model.Preconditioner;
import org.dataflex.strategy.Need;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.SelectionContext;
import org.dataflex.strategy.Selector;

/**
 * Chooses the candidates whose gradients point most where the model's own rewarded answers do:
 * NICE, for targets that have a metric but no differentiable loss.
 *
 * <p>Formula: with y_i one of mc answers of the model to prompt q, R_i its reward, and Gamma_z the
 * step that Adam would take for candidate z alone ({@link Preconditioner.Adam}),
 *
 * <pre>
 * u(q)    = 1/mc sum_i R_i grad -log p(y_i | q)      log p summed over the answer's tokens
 * c_zs    = mean over the prompts q of subtask s of cos(Gamma_z, u(q))
 * score_z = max over s of c_zs
 * </pre>
 *
 * <p>The highest scores win, ties go to the lower position. A candidate with a gradient of 0 has
 * score 0, one whose gradient is not finite -infinity. A prompt whose answers are all worth 0 adds
 * cosines of 0 to the mean. An empty answer is worth 0 and not rated.
 *
 * <p>Cosines are exact: their mean is one inner product with the mean of unit u(q), and nothing is
 * projected.
 *
 * <p>Needs: the model in training, a {@link org.dataflex.model.GenerativeBlock} whose loss is a
 * mean over tokens ({@link org.dataflex.loss.CausalLmLoss}); Adam or AdamW; prompts, their
 * tokenizer, a reward. No state. Cost an update: mc answers a prompt and their rewards, their
 * gradients (with a mixer: for each domain), and the gradient of every candidate; native memory of
 * one gradient beside one a subtask; 4 S bytes a candidate, S subtasks.
 *
 * <p>Deviations from the paper: the model as it stands, at one step; no random projection; answers
 * are drawn from the whole distribution. From DataFlex: the model in training answers, not a frozen
 * one; the prompts' own texts are asked and rated; the maximum over subtasks where it takes the
 * mean over all prompts, and Adam's step where it returns the raw gradient; {@link
 * Compatibility#DATAFLEX} brings these two back.
 *
 * @see <a href="https://openreview.net/forum?id=2wt8m5HUBs">NICE Data Selection for Instruction
 *     Tuning in LLMs with Non-differentiable Evaluation Metric, ICML 2025</a>
 */
public final class NiceSelector implements Selector {

    /** DataFlex 3c13e37, nice_selector.py; the paper's code draws 20. */
    public static final int MC_SAMPLES = 4;

    /** DataFlex 3c13e37, nice_selector.py. */
    public static final int MAX_NEW_TOKENS = 512;

    /** The paper's code: answers are drawn as the gradient weighs them. */
    public static final double TEMPERATURE = 1;

    /** As LESS. */
    public static final Preconditioning PRECONDITIONER = Preconditioning.ADAM;

    /** Every trainable parameter. */
    public static final String PARAMETERS = "";

    /** As LESS. */
    public static final int CHUNK_SIZE = LessSelector.CHUNK_SIZE;

    static final String NAME = "nice";

    private final NiceSelectorBuilder settings;
    private final PolicyTargets targets;
    private final GradientComparison comparison;

    NiceSelector(NiceSelectorBuilder settings) {
        this.settings = settings;
        this.targets = new PolicyTargets(settings, sets(settings));
        this.comparison =
                new GradientComparison(
                        Map.of(),
                        settings.gradientPreconditioner(),
                        settings.parameters,
                        settings.chunkSize);
    }

    /** The maximum is taken over these; of all prompts as one set, it is their mean. */
    private static Collection<List<Prompt>> sets(NiceSelectorBuilder settings) {
        Collection<List<Prompt>> sets = settings.subtasks.values();
        return settings.compatibility == Compatibility.DATAFLEX
                ? List.of(sets.stream().flatMap(List::stream).toList())
                : sets;
    }

    /**
     * Starts a selector.
     *
     * @return a new builder; it needs a tokenizer, a reward and a subtask
     */
    public static NiceSelectorBuilder builder() {
        return new NiceSelectorBuilder();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Map<String, String> settings() {
        Map<String, String> text = new LinkedHashMap<>();
        text.put(
                "prompts",
                settings.subtasks.entrySet().stream()
                        .map(e -> e.getKey() + ":" + PromptFiles.fingerprint(e.getValue()))
                        .collect(Collectors.joining(",")));
        text.put("reward", settings.reward.description());
        text.put("mcSamples", String.valueOf(settings.mcSamples));
        text.put("maxNewTokens", String.valueOf(settings.maxNewTokens));
        text.put("temperature", String.valueOf(settings.temperature));
        text.put("topK", String.valueOf(settings.topK));
        text.put("topP", String.valueOf(settings.topP));
        text.put("stopTokens", settings.stopTokens.toString());
        text.put("seed", String.valueOf(settings.seed));
        text.put("baseline", String.valueOf(settings.baseline));
        if (settings.rejects()) {
            text.put("rejectBelow", String.valueOf(settings.rejectBelow));
        }
        if (settings.topAnswers > 0) {
            text.put("topAnswers", String.valueOf(settings.topAnswers));
        }
        text.put("preconditioner", lower(settings.preconditioner));
        text.put("compatibility", lower(settings.compatibility));
        text.put("parameters", settings.parameters.pattern());
        text.put("chunkSize", String.valueOf(settings.chunkSize));
        return Collections.unmodifiableMap(text);
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /** Returns that the model answers, and that the preconditioner takes moments, if it does. */
    @Override
    public Set<Need> needs() {
        Set<Need> needs = EnumSet.of(Need.GENERATION);
        needs.addAll(Need.of(settings.gradientPreconditioner()));
        return needs;
    }

    /** Returns the prompts of each subtask, as token sequences. */
    @Override
    public Map<String, SampleSet> targets() {
        Map<String, SampleSet> targets = new LinkedHashMap<>();
        settings.subtasks.forEach((name, prompts) -> targets.put(name, sequences(prompts)));
        return Collections.unmodifiableMap(targets);
    }

    private static TokenSequences sequences(List<Prompt> prompts) {
        TokenSequences.Builder sequences = TokenSequences.builder();
        prompts.forEach(prompt -> sequences.add(prompt.tokenIds()));
        return sequences.build();
    }

    @Override
    public void check(CandidatePool pool) {
        SettingRange.directory("scoreDirectory", settings.scoreDirectory);
    }

    @Override
    public void check(Block block) {
        new ParameterNames(settings.parameters).check(block);
        if (block instanceof BoundedLength bounded) {
            requireRoom(bounded.maxLength());
        }
        if (block instanceof BoundedVocabulary bounded) {
            requireTokens(bounded.vocabularySize());
        }
    }

    private void requireRoom(int positions) {
        int longest =
                settings.subtasks.values().stream()
                        .flatMap(List::stream)
                        .mapToInt(prompt -> prompt.tokenIds().length)
                        .max()
                        .orElse(0);
        if ((long) longest + settings.maxNewTokens > positions) {
            throw new IllegalArgumentException(
                    "maxNewTokens = %d, but the longest prompt has %d tokens, and the model %d positions; lower it, shorten the prompt, or raise maxPositions"
                            .formatted(settings.maxNewTokens, longest, positions));
        }
    }

    private void requireTokens(int vocabulary) {
        for (int token : settings.stopTokens) {
            if (token < 0 || token >= vocabulary) {
                throw new IllegalArgumentException(
                        "stopTokens has %d, must be a token id in [0, %d)"
                                .formatted(token, vocabulary));
            }
        }
    }

    /**
     * Chooses {@code context.budget()} candidates.
     *
     * @throws IllegalStateException if nothing can be learned from any answer, or no candidate has
     *     a finite gradient
     * @throws ai.djl.TrainingDivergedException if a prompt's gradient is not finite; names the
     *     prompt
     */
    @Override
    public Selection select(SelectionContext context) {
        Samples candidates = context.candidates();
        double[] scores =
                Arrays.stream(cosines(context, candidates))
                        .mapToDouble(NiceSelector::highest)
                        .toArray();
        return Selection.highest(
                candidates, FiniteScores.lastIfNaN(scores, "gradient"), context.budget());
    }

    /** The cosines [n][S] of the model. */
    private float[][] cosines(SelectionContext context, Samples candidates) {
        List<Direction> directions = targets.directions(context);
        CosinePass pass = new CosinePass(comparison, context.model(), directions);
        if (settings.scoreDirectory == null) {
            return pass.over(candidates);
        }
        String key = comparison.key("", candidates, targets.description());
        return pass.over(candidates, settings.scoreDirectory, NAME, key);
    }

    private static double highest(float[] cosines) {
        double highest = Double.NEGATIVE_INFINITY;
        for (float cosine : cosines) {
            highest = Math.max(highest, cosine);
        }
        return highest;
    }

    /** What becomes of a candidate's gradient before it is compared. */
    public enum Preconditioning {
        /** Adam's step for it, by the moments of the optimizer in training. */
        ADAM,
        /** Nothing. */
        NONE
    }
}
