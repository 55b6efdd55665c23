package org.dataflex.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.TrainingDivergedException;
import ai.djl.ndarray.NDArray;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.dataflex.DynamicTrainer;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.Domain;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.Samples;
import org.dataflex.loss.ClassificationLoss;
import org.dataflex.loss.PerSampleLoss;
import org.dataflex.model.GradientQuery;
import org.dataflex.model.ModelOps;
import org.dataflex.model.Normalisation;
import org.dataflex.model.Preconditioner;
import org.dataflex.strategy.Mixer;
import org.dataflex.strategy.MixingContext;
import org.dataflex.strategy.Mixture;
import org.dataflex.strategy.SampleWeights;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.StrategyException;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.PointSamples;
import org.dataflex.testing.TinyRuns;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Every way to set up a run wrongly is refused by name, before training or at the first answer. */
@ExtendWith(NoLeaks.class)
class BadInputTest {

    private static final UpdateSchedule ALWAYS = UpdateSchedule.every(1);

    private Model model;

    @BeforeEach
    void setUp() {
        model = TinyRuns.model();
    }

    @AfterEach
    void tearDown() {
        model.close();
    }

    @Test
    void build_nothingSet_listsEverything() {
        IllegalStateException e =
                assertThrows(IllegalStateException.class, () -> DynamicTrainer.builder().build());
        assertEquals(
                "cannot build the trainer:\n"
                        + "  - no model; call setModel\n"
                        + "  - no training configuration; call setTrainingConfig\n"
                        + "  - no candidate pool; call setPool\n"
                        + "  - steps = 0, must be at least 1; see setSteps\n"
                        + "  - batchSize = 0, must be at least 1; see setBatchSize",
                e.getMessage());
    }

    @Test
    void build_modelWithoutBlock_noLoss_areNamed() {
        try (Model empty = Model.newInstance("empty")) {
            refused(
                    b -> b.setModel(empty),
                    "the model has no block; call model.setBlock before setModel");
        }
        refused(
                b -> b.setTrainingConfig(new DefaultTrainingConfig(null)),
                "the training configuration has no loss; pass one to DefaultTrainingConfig");
    }

    @Test
    void build_modelThatIsFrozenWhole_isRefused() {
        model.getBlock().freezeParameters(true);
        refused(
                b -> b,
                "the model has no parameter that requires a gradient, so that nothing would be"
                        + " trained; call freezeParameters(false), or add an adapter");
        model.getBlock().freezeParameters(false, p -> p.getName().equals("bias"));
        TinyRuns.trainer(model).build().close();
    }

    @Test
    void build_rangesAreChecked() {
        refused(b -> b.optAccumulation(0), "accumulation = 0, must be at least 1");
        refused(b -> b.optClipNorm(-1), "clipNorm = -1.0, must be above 0; see optClipNorm");
        refused(b -> b.optClipNorm(Double.NaN), "clipNorm = NaN, must be above 0");
        refused(b -> b.optCheckpointsKept(0), "checkpointsKept = 0, must be at least 1");
        refused(b -> b.optValidationInterval(-5), "validationInterval = -5, must be at least 0");
        refused(
                b -> b.optValidationInterval(5),
                "validationInterval is set but there is no validation set; call addValidationSet");
        refused(
                b -> b.addValidationSet("v", new PointSamples(0, 1)),
                "validation set 'v' has no samples");
        refused(
                b -> b.optSelectionBudget(5),
                "selectionBudget is set but there is no selector; call optSelector");
        refused(b -> b.optCheckpointInterval(5), "checkpoints need a place; call optRunDirectory");
    }

    @Test
    void build_weighterWithAScalarLoss_isRefused() {
        refused(
                b ->
                        b.setTrainingConfig(
                                        new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss()))
                                .optWeighter(c -> SampleWeights.absolute(1), ALWAYS),
                "strategies need a loss per sample, and SoftmaxCrossEntropyLoss gives one number"
                        + " a batch; use CausalLmLoss, ClassificationLoss or PerSampleLoss.of");
    }

    @Test
    void tokenWeighter_withoutALossPerToken_isRefused() {
        refused(
                b -> b.optTokenWeighter(c -> null, ALWAYS),
                "token weighter 'custom': the loss ClassificationLoss has no per-token form; train"
                        + " with org.dataflex.loss.CausalLmLoss");
        breaksContract(
                b ->
                        b.optWeighter(
                                c -> {
                                    c.tokenLosses();
                                    return null;
                                },
                                ALWAYS),
                "the loss ClassificationLoss has no per-token form; train with"
                        + " org.dataflex.loss.CausalLmLoss");
        breaksContract(
                b ->
                        b.optSelector(
                                c -> {
                                    c.model().tokenLosses(c.candidates());
                                    return null;
                                },
                                ALWAYS),
                "the loss ClassificationLoss has no per-token form; train with"
                        + " org.dataflex.loss.CausalLmLoss");
    }

    @Test
    void fit_lossThatIsNotOneNumberASample_isRefused() {
        PerSampleLoss mean = PerSampleLoss.of("mean", (y, z) -> z.head().mean());
        IllegalStateException e =
                assertThrows(
                        IllegalStateException.class,
                        () -> fit(b -> b.setTrainingConfig(new DefaultTrainingConfig(mean))));
        assertEquals(
                "the loss mean gave an array of shape () for a batch of 8 samples; perSample must"
                        + " give (8)",
                e.getMessage());
    }

    @Test
    void build_budgetLargerThanThePool_isRefused() {
        refused(
                b -> b.optSelector(c -> null, UpdateSchedule.every(11)),
                "the selection budget of 88 samples exceeds the pool's 80; call optSelectionBudget"
                        + " with less, or shorten the selector's interval");
        refused(
                b -> b.optSelector(c -> null, ALWAYS).optSelectionBudget(81),
                "the selection budget of 81 samples exceeds the pool's 80");
    }

    @Test
    void build_moreRowsThanCanBeCounted_areRefused() {
        refused(
                b -> b.optSelector(c -> null, UpdateSchedule.every(Long.MAX_VALUE)),
                "the selection budget of 9223372036854775807 samples exceeds the pool's 80");
        refused(
                b ->
                        b.setBatchSize(1 << 20)
                                .optAccumulation(1 << 20)
                                .optSelector(c -> null, UpdateSchedule.every(1)),
                "batchSize = 1048576 x accumulation = 1048576 are 1099511627776 rows a step, must be"
                        + " at most 2147483647; lower one of the two");
    }

    @Test
    void build_lastSelectionOfMoreStepsThanItIsFor_isRefused() {
        refused(
                b -> b.optSelector(c -> null, UpdateSchedule.every(4).atMost(2).afterWarmUp(11)),
                "the selector's last update, its number 2, is for more steps than the 4 that the"
                        + " default selection budget has rows for; call optSelectionBudget");
        UpdateSchedule toTheEnd = UpdateSchedule.every(4).atMost(2).afterWarmUp(12);
        TinyRuns.trainer(model).optSelector(c -> null, toTheEnd).build().close();
        TinyRuns.trainer(model)
                .optSelector(c -> null, UpdateSchedule.once())
                .optSelectionBudget(8)
                .build()
                .close();
    }

    @Test
    void build_fewerCandidatesThanTheBudget_areRefused() {
        refused(
                b -> b.optSelector(c -> null, ALWAYS).optCandidateLimit(7),
                "candidateLimit = 7 is less than the selection budget of 8; raise one or lower the"
                        + " other");
        refused(
                b -> b.optCandidateLimit(7),
                "candidateLimit is set but there is no selector; call optSelector");
    }

    @Test
    void build_initialMixtureOfOtherDomains_isRefused() {
        Mixture other = new Mixture(Map.of(new Domain("a"), 0.5, new Domain("x"), 0.5));
        refused(
                b -> b.optMixer(c -> null, ALWAYS).optInitialMixture(other),
                "initialMixture: the pool has the domains [a, b, c]; unknown: [x]; without a"
                        + " proportion: [b, c]");
        refused(
                b -> b.optInitialMixture(other),
                "initialMixture is set but there is no mixer; use optMixer with a static mixer");
    }

    @Test
    void build_mixerOfOneDomain_isRefused() {
        refused(
                b ->
                        b.setPool(CandidatePool.of(new PointSamples(40, 1)))
                                .optMixer(c -> null, ALWAYS),
                "the pool has one domain, [all], and there is nothing to mix; leave the mixer out,"
                        + " or make a pool of several domains");
    }

    @Test
    void build_strategyThatDoesNotFitThePool_isRefused() {
        Mixer picky =
                new Mixer() {
                    @Override
                    public Mixture mix(MixingContext context) {
                        return context.current();
                    }

                    @Override
                    public String name() {
                        return "picky";
                    }

                    @Override
                    public void check(CandidatePool pool) {
                        throw new IllegalArgumentException("no domain 'wiki' in " + pool.domains());
                    }
                };
        refused(b -> b.optMixer(picky, ALWAYS), "mixer 'picky': no domain 'wiki' in [a, b, c]");
    }

    @Test
    void build_severalDevices_orAnotherDevice_isRefused() {
        refused(
                b ->
                        b.setTrainingConfig(
                                new DefaultTrainingConfig(new ClassificationLoss())
                                        .optDevices(new Device[] {Device.cpu(), Device.gpu()})),
                "2 devices; a dynamic trainer trains on one");
        refused(
                b ->
                        b.setTrainingConfig(
                                new DefaultTrainingConfig(new ClassificationLoss())
                                        .optDevices(new Device[] {Device.gpu(3)})),
                "the model is on cpu() and the training configuration asks for gpu(3)");
    }

    @Test
    void build_foreignDirectory_isRefused(@TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("thesis.txt"), "mine");
        refused(
                b -> b.optRunDirectory(directory),
                "run directory "
                        + directory
                        + " holds other files and no run.json; choose an empty"
                        + " or new directory");
    }

    @Test
    void fit_directoryThatCannotBeWritten_isRefusedBeforeTraining(@TempDir Path directory)
            throws Exception {
        Path run = Files.createFile(directory.resolve("file")).resolve("run");
        try (DynamicTrainer trainer = TinyRuns.trainer(model).optRunDirectory(run).build()) {
            IOException e = assertThrows(IOException.class, trainer::fit);
            String start = "run directory " + run + " cannot be written (java.nio.file.";
            assertTrue(e.getMessage().startsWith(start), e::getMessage);
            assertTrue(e.getMessage().endsWith("); choose another directory"), e::getMessage);
        }
    }

    @Test
    void build_damagedRunJson_isRefused(@TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("run.json"), "{");
        refused(b -> b.optRunDirectory(directory), "run.json is damaged");
    }

    @Test
    void build_runDirectoryOfAnotherConfiguration_namesTheDifferences(@TempDir Path directory)
            throws Exception {
        fit(b -> b.optRunDirectory(directory));
        refused(
                b -> b.optRunDirectory(directory).setBatchSize(4).optSeed(1),
                "holds a run of another configuration; choose another directory, or the same"
                        + " settings:\n      seed: there 42, here 1\n      batchSize: there 8, here"
                        + " 4");
    }

    @Test
    void build_optimizerThatCannotBeSaved_isRefused(@TempDir Path directory) {
        Optimizer odd =
                new Optimizer(Optimizer.adam()) {
                    @SuppressWarnings("unused") // found by reflection
                    private final StringBuilder memory = new StringBuilder();

                    @Override
                    public void update(
                            String id,
                            ai.djl.ndarray.NDArray weight,
                            ai.djl.ndarray.NDArray grad) {}
                };
        refused(
                b ->
                        b.setTrainingConfig(TinyRuns.config(odd))
                                .optRunDirectory(directory)
                                .optCheckpointInterval(1),
                "checkpoints cannot save the field 'memory' of the optimizer");
    }

    @Test
    void build_twice_isRefused() {
        DynamicTrainer.Builder builder = TinyRuns.trainer(model);
        builder.build().close();
        assertEquals(
                "this builder has made its trainer; start another with DynamicTrainer.builder()",
                assertThrows(IllegalStateException.class, builder::build).getMessage());
    }

    @Test
    void addValidationSet_twice_isRefused() {
        IllegalArgumentException e =
                assertThrows(
                        IllegalArgumentException.class,
                        () ->
                                DynamicTrainer.builder()
                                        .addValidationSet("v", new PointSamples(1, 1))
                                        .addValidationSet("v", new PointSamples(1, 1)));
        assertEquals("two validation sets are named 'v'", e.getMessage());
    }

    @Test
    void select_wrongAnswers_areNamed() {
        breaksContract(
                b -> b.optSelector(c -> Selection.of(SampleIndices.of(1, 2)), ALWAYS),
                "custom @ step 0: returned 2 of 8 samples");
        breaksContract(
                b ->
                        b.optSelector(
                                c -> Selection.of(SampleIndices.of(1, 2, 3, 4, 5, 6, 7, 3)),
                                ALWAYS),
                "custom @ step 0: returned sample 3 more than once");
        breaksContract(
                b ->
                        b.optSelector(
                                c -> Selection.of(SampleIndices.of(1, 2, 3, 4, 5, 6, 7, 80)),
                                ALWAYS),
                "custom @ step 0: returned sample 80, which is not among its 80 candidates");
        breaksContract(
                b ->
                        b.optMixer(c -> c.current(), ALWAYS)
                                .optSelector(
                                        c -> Selection.of(SampleIndices.range(40, 40 + c.budget())),
                                        ALWAYS),
                "custom @ step 0: returned sample 40, which is not among its 40 candidates");
        breaksContract(b -> b.optSelector(c -> null, ALWAYS), "custom @ step 0: returned null");
    }

    @Test
    void mix_wrongAnswers_areNamed() {
        breaksContract(
                b -> b.optMixer(c -> new Mixture(Map.of(new Domain("x"), 1.0)), ALWAYS),
                "custom @ step 0: returned a mixture of other domains; the pool has the domains"
                        + " [a, b, c]; unknown: [x]; without a proportion: [a, b, c]");
        breaksContract(
                b -> b.optMixer(c -> Mixture.of(c.pool().domains(), 0.5, 0.5, 0.5), ALWAYS),
                "proportions sum to 1.5, not 1");
        breaksContract(b -> b.optMixer(c -> null, ALWAYS), "custom @ step 0: returned null");
    }

    @Test
    void weigh_wrongAnswers_areNamed() {
        breaksContract(
                b -> b.optWeighter(c -> SampleWeights.absolute(1, 2), ALWAYS),
                "custom @ step 0: returned 2 weights for 8 samples");
        breaksContract(
                b -> b.optWeighter(c -> SampleWeights.absolute(1, Float.NaN), ALWAYS),
                "weight[1] = NaN, must be finite and at least 0");
        breaksContract(b -> b.optWeighter(c -> null, ALWAYS), "custom @ step 0: returned null");
    }

    @Test
    void weigh_lossesThatAreNotFinite_areNotAskedAbout() {
        PerSampleLoss nan =
                PerSampleLoss.of("nan", (y, z) -> z.head().sum(new int[] {1}).mul(Float.NaN));
        TrainingDivergedException e =
                assertThrows(
                        TrainingDivergedException.class,
                        () ->
                                fit(
                                        b ->
                                                b.setTrainingConfig(new DefaultTrainingConfig(nan))
                                                        .optWeighter(
                                                                c -> {
                                                                    throw new AssertionError();
                                                                },
                                                                ALWAYS)));
        assertTrue(e.getMessage().contains("in step 1 is NaN; no checkpoint"), e::getMessage);
    }

    /** Its losses are 0 and its gradients infinite. */
    private static final PerSampleLoss STEEP =
            PerSampleLoss.of(
                    "steep",
                    (y, z) -> {
                        NDArray sum = z.head().sum(new int[] {1});
                        return sum.sub(sum.stopGradient()).sqrt();
                    });

    @Test
    void fit_parametersThatAreNotFinite_areNotSaved(@TempDir Path directory) throws Exception {
        TrainingDivergedException e =
                diverges(
                        b ->
                                b.setTrainingConfig(new DefaultTrainingConfig(STEEP))
                                        .optRunDirectory(directory)
                                        .optCheckpointInterval(1));
        assertEquals(
                "the parameter 01Linear_weight is not finite after step 1; lower the learning"
                        + " rate, or find the loss whose gradient is not finite; no checkpoint has"
                        + " been saved, call optCheckpointInterval to have one to go back to",
                e.getMessage());
    }

    @Test
    void fit_parametersThatTheLastStepMadeInfinite_areNotAGoodEnd() {
        TrainingDivergedException e =
                diverges(b -> b.setTrainingConfig(new DefaultTrainingConfig(STEEP)).setSteps(1));
        assertTrue(e.getMessage().contains("is not finite after step 1"), e::getMessage);
    }

    @Test
    void fit_validationLossThatIsNotFinite_isRefused() {
        PerSampleLoss nan =
                PerSampleLoss.of("nan", (y, z) -> z.head().sum(new int[] {1}).mul(Float.NaN));
        TrainingDivergedException e =
                diverges(
                        b ->
                                b.setTrainingConfig(new DefaultTrainingConfig(nan))
                                        .addValidationSet("v", new PointSamples(4, 4)));
        assertEquals("the loss of validation set 'v' after 0 steps is NaN", e.getMessage());
    }

    private TrainingDivergedException diverges(UnaryOperator<DynamicTrainer.Builder> change) {
        return assertThrows(TrainingDivergedException.class, () -> fit(change));
    }

    @Test
    void strategy_thatThrows_isNamedWithItsCause() {
        StrategyException e =
                breaksContract(
                        b ->
                                b.optSelector(
                                        c -> {
                                            throw new IllegalStateException("no luck");
                                        },
                                        ALWAYS),
                        "custom @ step 0: java.lang.IllegalStateException: no luck");
        assertEquals("no luck", e.getCause().getMessage());
    }

    @Test
    void weigh_askingForGradients_isRefused() {
        asksWithinAStep((ops, some) -> ops.gradients(some, GradientQuery.full()));
        asksWithinAStep((ops, some) -> ops.meanGradient(some, name -> true, Normalisation.UNIT));
        asksWithinAStep((ops, some) -> ops.meanOfSums(List.of(), name -> true, Normalisation.UNIT));
        asksWithinAStep((ops, some) -> ops.alignment(some, List.of(), new Preconditioner.None()));
        asksWithinAStep(
                (ops, some) ->
                        ops.meanResultantLengths(
                                List.of(some), name -> true, new Preconditioner.None()));
    }

    private void asksWithinAStep(BiConsumer<ModelOps, Samples> question) {
        breaksContract(
                b ->
                        b.optWeighter(
                                c -> {
                                    question.accept(c.model(), new Samples(c.pool(), c.batch()));
                                    return null;
                                },
                                ALWAYS),
                "gradients cannot be asked for within a training step");
    }

    private void refused(UnaryOperator<DynamicTrainer.Builder> change, String problem) {
        DynamicTrainer.Builder builder = change.apply(TinyRuns.trainer(model));
        IllegalStateException e = assertThrows(IllegalStateException.class, builder::build);
        assertTrue(e.getMessage().contains(problem), e::getMessage);
    }

    private StrategyException breaksContract(
            UnaryOperator<DynamicTrainer.Builder> change, String problem) {
        StrategyException e = assertThrows(StrategyException.class, () -> fit(change));
        assertTrue(e.getMessage().contains(problem), e::getMessage);
        return e;
    }

    private void fit(UnaryOperator<DynamicTrainer.Builder> change) throws Exception {
        try (DynamicTrainer trainer = change.apply(TinyRuns.trainer(model)).build()) {
            trainer.fit();
        }
    }
}
