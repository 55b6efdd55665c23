package org.dataflex.selectors;

import ai.djl.nn.Block;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.SampleSet;
import org.dataflex.data.Samples;
import org.dataflex.model.Preconditioner;
import org.dataflex.strategy.Need;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.SelectionContext;
import org.dataflex.strategy.Selector;

/**
 * Chooses the candidates whose gradients point most where those of target samples do: LESS,
 * low-rank gradient similarity search.
 *
 * <p>Formula: with Gamma_i the step that Adam would take for candidate i alone ({@link
 * Preconditioner.Adam}) and u_j the raw gradient of target sample j,
 *
 * <pre>
 * c_is    = mean over the samples j of subtask s of cos(Gamma_i, u_j)
 * score_i = max over s of c_is
 * </pre>
 *
 * <p>The highest scores win, ties go to the lower position. A candidate with a gradient of 0 has
 * score 0, one whose gradient is not finite -infinity. Over several checkpoints c_is is the sum of
 * w_e c_is(e), w_e the checkpoint's share of their learning rates.
 *
 * <p>Cosines are exact: their mean is one inner product with the mean unit gradient of the subtask,
 * and nothing is projected unless a store is asked for.
 *
 * <p>Needs: the model in training, Adam or AdamW, target samples. Cost: the gradient of every
 * candidate and every target sample an update (and a checkpoint); native memory of one gradient
 * beside one a subtask; 4 S bytes a candidate, S subtasks.
 *
 * <p>Deviations from the paper: the model as it stands is asked unless checkpoints are given; no
 * random projection. From DataFlex: the maximum over subtasks where it takes the mean over all
 * targets, epsilon inside the root; {@link Compatibility#DATAFLEX} brings its ways back. Dropout is
 * off, gradients are float32.
 *
 * @see <a href="https://arxiv.org/abs/2402.04333">Xia, Malladi, Gururangan, Arora, Chen: LESS:
 *     Selecting Influential Data for Targeted Instruction Tuning, ICML 2024</a>
 */
public final class LessSelector implements Selector {

    /** The paper, section 2. */
    public static final Preconditioning PRECONDITIONER = Preconditioning.ADAM;

    /** The paper's code, collect_grad_reps.py; its text corrects. */
    public static final boolean BIAS_CORRECTION = false;

    /** True to the paper. */
    public static final Compatibility COMPATIBILITY = Compatibility.NONE;

    /** Every trainable parameter. */
    public static final String PARAMETERS = "";

    /** A few seconds of work of a small model, which is what a killed pass loses. */
    public static final int CHUNK_SIZE = 256;

    static final String NAME = "less";

    private final LessSelectorBuilder settings;
    private final TargetCosines cosines;

    LessSelector(LessSelectorBuilder settings) {
        this.settings = settings;
        GradientComparison comparison =
                new GradientComparison(
                        settings.subtasks,
                        settings.gradientPreconditioner(),
                        settings.parameters,
                        settings.chunkSize);
        this.cosines =
                settings.projection == null
                        ? new ExactCosines(comparison, settings.directory)
                        : new StoredCosines(comparison, settings.directory, settings.projection);
    }

    /**
     * Starts a selector.
     *
     * @return a new builder; it needs a subtask
     */
    public static LessSelectorBuilder builder() {
        return new LessSelectorBuilder();
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
        text.put("preconditioner", settings.preconditioner.name().toLowerCase(Locale.ROOT));
        text.put("biasCorrection", String.valueOf(settings.biasCorrection));
        text.put("compatibility", settings.compatibility.name().toLowerCase(Locale.ROOT));
        text.put("parameters", settings.parameters.pattern());
        text.put("chunkSize", String.valueOf(settings.chunkSize));
        if (settings.projection != null) {
            text.put("projection", settings.projection.toString());
        }
        if (!settings.checkpoints.isEmpty()) {
            text.put(
                    "checkpoints",
                    settings.checkpoints.entrySet().stream()
                            .map(e -> e.getKey().getFileName() + ":" + e.getValue())
                            .collect(Collectors.joining(",")));
        }
        return Collections.unmodifiableMap(text);
    }

    /** Returns that the preconditioner takes the optimizer's moments, if it does. */
    @Override
    public Set<Need> needs() {
        return Need.of(settings.gradientPreconditioner());
    }

    /** Returns the subtasks. */
    @Override
    public Map<String, SampleSet> targets() {
        return Collections.unmodifiableMap(settings.subtasks);
    }

    @Override
    public void check(CandidatePool pool) {
        TargetTokens.requireAny(targets());
        for (Path checkpoint : settings.checkpoints.keySet()) {
            if (!Files.isDirectory(checkpoint)) {
                throw new IllegalArgumentException(
                        "checkpoint %s is no directory; give one that a run with a run directory and a checkpoint interval has saved"
                                .formatted(checkpoint));
            }
        }
        SettingRange.directory("scoreDirectory or store", settings.directory);
    }

    @Override
    public void check(Block block) {
        new ParameterNames(settings.parameters).check(block);
    }

    /**
     * Chooses {@code context.budget()} candidates.
     *
     * @throws IllegalStateException if no candidate has a finite gradient, or all scores are 0
     * @throws ai.djl.TrainingDivergedException if a target sample has none
     */
    @Override
    public Selection select(SelectionContext context) {
        Samples candidates = context.candidates();
        double[] scores = FiniteScores.requireSignal(scores(cosines(context, candidates)));
        return Selection.highest(candidates, scores, context.budget());
    }

    /** The cosines [n][S] of the model, or those of the checkpoints, weighted. */
    private double[][] cosines(SelectionContext context, Samples candidates) {
        double[][] sums = new double[candidates.size()][settings.subtasks.size()];
        if (settings.checkpoints.isEmpty()) {
            add(cosines.of(context.model(), "", candidates), 1, sums);
        }
        double rates = settings.checkpoints.values().stream().mapToDouble(r -> r).sum();
        settings.checkpoints.forEach(
                (path, rate) ->
                        add(
                                cosines.of(context.modelAt(path), path.toString(), candidates),
                                rate / rates,
                                sums));
        return sums;
    }

    private static void add(float[][] cosines, double weight, double[][] sums) {
        for (int i = 0; i < sums.length; i++) {
            for (int s = 0; s < sums[i].length; s++) {
                sums[i][s] += weight * cosines[i][s];
            }
        }
    }

    private double[] scores(double[][] cosines) {
        double[] weights = weights();
        return FiniteScores.lastIfNaN(
                Arrays.stream(cosines).mapToDouble(c -> score(c, weights)).toArray(), "gradient");
    }

    /** Each subtask's share of the target samples, for the mean over all; null for the maximum. */
    private double[] weights() {
        if (settings.compatibility == Compatibility.NONE) {
            return null;
        }
        double[] sizes = settings.subtasks.values().stream().mapToDouble(SampleSet::size).toArray();
        double all = Arrays.stream(sizes).sum();
        return Arrays.stream(sizes).map(size -> size / all).toArray();
    }

    private static double score(double[] cosines, double[] weights) {
        double score = weights == null ? Double.NEGATIVE_INFINITY : 0;
        for (int s = 0; s < cosines.length; s++) {
            score = weights == null ? Math.max(score, cosines[s]) : score + weights[s] * cosines[s];
        }
        return score;
    }

    /** What becomes of a candidate's gradient before it is compared. */
    public enum Preconditioning {
        /** Adam's step for it, by the moments of the optimizer in training. */
        ADAM,
        /** Nothing. */
        NONE
    }
}
