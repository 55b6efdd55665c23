package org.dataflex.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.nn.ParameterList;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.dataflex.data.Domain;
import org.dataflex.strategy.Mixture;
import org.dataflex.strategy.Strategy;

/** Finds everything wrong with a configuration at once, before anything is trained. */
final class SettingsCheck {

    private final RunSettings settings;
    private final List<String> problems = new ArrayList<>();

    private SettingsCheck(RunSettings settings) {
        this.settings = settings;
    }

    /**
     * Refuses settings that cannot work.
     *
     * @throws IllegalStateException listing every problem
     */
    static void requireSound(RunSettings settings) {
        SettingsCheck check = new SettingsCheck(settings);
        check.required();
        check.ranges();
        check.strategies();
        check.mixing();
        check.problems.addAll(LengthCheck.problems(settings));
        check.problems.addAll(VocabularyCheck.problems(settings));
        check.problems.addAll(TargetCheck.problems(settings));
        check.problems.addAll(LabelCheck.problems(settings));
        check.devices();
        check.directories();
        if (!check.problems.isEmpty()) {
            throw new IllegalStateException(
                    "cannot build the trainer:\n  - " + String.join("\n  - ", check.problems));
        }
    }

    private void required() {
        need(settings.model != null, "no model; call setModel");
        need(
                settings.model == null || settings.model.getBlock() != null,
                "the model has no block; call model.setBlock before setModel");
        need(
                settings.model == null || settings.model.getBlock() == null || trains(),
                "the model has no parameter that requires a gradient, so that nothing would be"
                        + " trained; call freezeParameters(false), or add an adapter");
        need(settings.config != null, "no training configuration; call setTrainingConfig");
        need(
                settings.config == null || settings.config.getLossFunction() != null,
                "the training configuration has no loss; pass one to DefaultTrainingConfig");
        need(settings.pool != null, "no candidate pool; call setPool");
    }

    /** Whether a parameter is not frozen; a block that shows none yet may make some. */
    private boolean trains() {
        ParameterList all = settings.model.getBlock().getParameters();
        return all.isEmpty() || all.values().stream().anyMatch(Parameter::requiresGradient);
    }

    private void ranges() {
        atLeast("steps", settings.steps, 1, "setSteps");
        atLeast("batchSize", settings.batchSize, 1, "setBatchSize");
        atLeast("accumulation", settings.accumulation, 1, "optAccumulation");
        long rows = (long) settings.batchSize * settings.accumulation;
        need(
                rows <= Integer.MAX_VALUE,
                "batchSize = %d x accumulation = %d are %d rows a step, must be at most %d; lower one of the two"
                        .formatted(
                                settings.batchSize,
                                settings.accumulation,
                                rows,
                                Integer.MAX_VALUE));
        if (settings.tokensPerBatch != null) {
            atLeast("tokensPerBatch", settings.tokensPerBatch, 1, "optTokensPerBatch");
        }
        atLeast("checkpointsKept", settings.checkpointsKept, 1, "optCheckpointsKept");
        atLeast("selectionBudget", settings.selectionBudget, 0, "optSelectionBudget");
        atLeast("candidateLimit", settings.candidateLimit, 0, "optCandidateLimit");
        atLeast("validationInterval", settings.validationInterval, 0, "optValidationInterval");
        atLeast("checkpointInterval", settings.checkpointInterval, 0, "optCheckpointInterval");
        need(
                settings.clipNorm > 0,
                "clipNorm = " + settings.clipNorm + ", must be above 0; see optClipNorm");
        need(
                settings.validationInterval == 0 || !settings.validationSets.isEmpty(),
                "validationInterval is set but there is no validation set; call"
                        + " addValidationSet");
        settings.validationSets.forEach(
                (name, set) ->
                        need(set.size() > 0, "validation set '" + name + "' has no samples"));
    }

    private void strategies() {
        if (settings.config != null && settings.config.getLossFunction() != null) {
            need(
                    (!settings.hasStrategies() && settings.tokensPerBatch == null)
                            || settings.perSampleLoss() != null,
                    (settings.hasStrategies() ? "strategies need" : "tokensPerBatch needs")
                            + " a loss per sample, and "
                            + settings.config.getLossFunction().getClass().getSimpleName()
                            + " gives one number a batch; use CausalLmLoss, ClassificationLoss or"
                            + " PerSampleLoss.of");
            if (settings.perSampleLoss() != null
                    && settings.model != null
                    && settings.model.getBlock() != null) {
                problems.addAll(NeedsCheck.problems(settings));
            }
        }
        need(
                settings.selectionBudget == 0 || settings.selector != null,
                "selectionBudget is set but there is no selector; call optSelector");
        need(
                settings.candidateLimit == 0 || settings.selector != null,
                "candidateLimit is set but there is no selector; call optSelector");
        need(
                settings.initialMixture == null || settings.mixer != null,
                "initialMixture is set but there is no mixer; use optMixer with a static mixer");
        settings.ownStrategies().forEach(this::fits);
        problems.addAll(BudgetCheck.problems(settings));
        if (settings.pool != null && settings.initialMixture != null) {
            String mismatch = mismatch(settings.initialMixture, settings.pool.domains());
            need(mismatch == null, "initialMixture: " + mismatch);
        }
    }

    private void fits(String owner, Strategy strategy) {
        if (settings.pool != null) {
            fits(owner, () -> strategy.check(settings.pool));
        }
        if (settings.model != null && settings.model.getBlock() != null) {
            fits(owner, () -> strategy.check(settings.model.getBlock()));
        }
    }

    private void fits(String owner, Runnable check) {
        try {
            check.run();
        } catch (IllegalArgumentException e) {
            problems.add(owner + ": " + e.getMessage());
        }
    }

    private void mixing() {
        if (settings.mixer == null || settings.pool == null) {
            return;
        }
        List<Domain> domains = settings.pool.domains();
        if (settings.stream != null) {
            problems.add(
                    "a streaming pool is one domain, and there is nothing to mix; leave the mixer"
                            + " out, or take a pool of files");
        } else if (domains.size() == 1) {
            problems.add(
                    "the pool has one domain, "
                            + domains
                            + ", and there is nothing to mix; leave the mixer out, or make a pool"
                            + " of several domains");
        }
    }

    private void devices() {
        if (settings.config == null) {
            return;
        }
        Device[] devices = settings.config.getDevices();
        need(
                devices.length == 1,
                devices.length
                        + " devices; a dynamic trainer trains on one: call"
                        + " TrainingConfig.optDevices with a single device");
        if (settings.model != null && devices.length == 1) {
            NDManager manager = settings.model.getNDManager();
            need(
                    manager.getDevice().equals(devices[0]),
                    "the model is on "
                            + manager.getDevice()
                            + " and the training configuration asks for "
                            + devices[0]
                            + "; make both the same");
        }
    }

    private void directories() {
        need(
                settings.checkpointInterval == 0 || settings.runDirectory != null,
                "checkpoints need a place; call optRunDirectory");
        if (settings.checkpointInterval > 0 && settings.config != null) {
            OptimizerState.unsavable(settings.config.getOptimizer()).ifPresent(problems::add);
        }
        if (settings.runDirectory != null && problems.isEmpty()) {
            String problem = new RunDirectory(settings.runDirectory, settings.describe()).problem();
            need(problem == null, problem);
        }
    }

    /** Says how a mixture's domains differ from the pool's, or null if they do not. */
    static String mismatch(Mixture mixture, List<Domain> domains) {
        Set<Domain> unknown = new LinkedHashSet<>(mixture.proportions().keySet());
        domains.forEach(unknown::remove);
        Set<Domain> missing = new LinkedHashSet<>(domains);
        missing.removeAll(mixture.proportions().keySet());
        if (unknown.isEmpty() && missing.isEmpty()) {
            return null;
        }
        return "the pool has the domains "
                + domains
                + (unknown.isEmpty() ? "" : "; unknown: " + unknown)
                + (missing.isEmpty() ? "" : "; without a proportion: " + missing);
    }

    private void atLeast(String name, long value, long least, String call) {
        need(
                value >= least,
                name + " = " + value + ", must be at least " + least + "; see " + call);
    }

    private void need(boolean sound, String problem) {
        if (!sound) {
            problems.add(problem);
        }
    }
}
