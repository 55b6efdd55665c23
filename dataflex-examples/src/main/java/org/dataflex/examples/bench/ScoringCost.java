package org.dataflex.examples.bench;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.SequentialBlock;
import ai.djl.training.DefaultTrainingConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.dataflex.DynamicTrainer;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.SampleSet;
import org.dataflex.data.Samples;
import org.dataflex.event.TrainingEvent.StepCompleted;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.Lora;
import org.dataflex.lm.LoraConfig;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.model.Direction;
import org.dataflex.model.GradientQuery;
import org.dataflex.model.ModelOps;
import org.dataflex.model.Normalisation;
import org.dataflex.model.Preconditioner;
import org.dataflex.model.Projection;
import org.dataflex.optim.AdamW;
import org.dataflex.strategy.Selection;
import org.dataflex.torch.Precision;

/**
 * What it costs to score 256 candidates against 32 targets, of 32 to 256 tokens each, in units of
 * P, a plain training step of the {@link ReferenceDecoder}.
 *
 * <p>Exact LESS scores with Adam-preconditioned gradients, of LoRA (rank 16 on all linear layers)
 * and of all parameters, from one backward pass a batch; the same one sample at a time, without and
 * with a dense projection; and plain losses.
 */
public final class ScoringCost {

    private static final int STEPS = 10;
    private static final int CANDIDATES = 256;
    private static final int TARGETS = 32;
    private static final int SHORTEST = 32;
    private static final int RANK = 16;
    private static final int PROJECTED = 8192;

    /** Of so many samples one is projected: all would take a quarter of an hour. */
    private static final int PART = 4;

    /** What a question is put to. */
    private record Setup(
            String name, Precision precision, boolean isLora, boolean oneByOne, int steps) {

        Setup(String name, Precision precision, boolean isLora, boolean oneByOne) {
            this(name, precision, isLora, oneByOne, STEPS);
        }
    }

    private ScoringCost() {}

    /**
     * Prints one line a question, with P measured before it; one by one, it says how much longer
     * that takes than in batches.
     *
     * @param arguments "all" to ask the dense projection of LoRA too, of a quarter of the samples,
     *     which takes minutes; "projected" to ask that alone, after LoRA in batches
     * @throws Exception if training fails
     */
    public static void main(String[] arguments) throws Exception {
        Precision float32 = Precision.FLOAT32;
        if (List.of(arguments).contains("projected")) {
            compareProjected(cost(new Setup("LESS, LoRA, float32", float32, true, false), LESS));
            return;
        }
        double losses = cost(new Setup("losses, float32", float32, false, false), LOSSES);
        double lora = cost(new Setup("LESS, LoRA, float32", float32, true, false), LESS);
        double all = cost(new Setup("LESS, all, float32", float32, false, false), LESS);
        Precision bfloat16 = Precision.BFLOAT16;
        cost(new Setup("losses, bfloat16", bfloat16, false, false), LOSSES);
        cost(new Setup("LESS, LoRA, bfloat16", bfloat16, true, false), LESS);
        cost(new Setup("LESS, all, bfloat16", bfloat16, false, false), LESS);
        compare(losses, new Setup("losses, one by one", float32, false, true), LOSSES_ONE_BY_ONE);
        compare(lora, new Setup("LESS, LoRA, one by one", float32, true, true), LESS);
        compare(all, new Setup("LESS, all, one by one", float32, false, true), LESS);
        if (arguments.length > 0) {
            compareProjected(lora);
        }
    }

    private static void compareProjected(double batched) throws Exception {
        Setup projected =
                new Setup("a quarter, one by one, projected", Precision.FLOAT32, true, true, 4);
        compare(batched / PART, projected, ScoringCost::project);
    }

    private static void compare(double batched, Setup oneByOne, Question question)
            throws Exception {
        double ratio = cost(oneByOne, question) / batched;
        System.out.printf(Locale.ROOT, "%-30s x %.1f of what batches take%n", "", ratio);
    }

    /** A question to a model about candidates and targets. */
    private interface Question {
        void ask(ModelOps model, Samples candidates, Samples targets);
    }

    private static final Question LOSSES = (model, candidates, targets) -> model.losses(candidates);

    private static final Question LOSSES_ONE_BY_ONE =
            (model, candidates, targets) -> candidates.chunks(1).forEach(model::losses);

    private static final Question LESS =
            (model, candidates, targets) -> {
                Direction mean = model.meanGradient(targets, name -> true, Normalisation.UNIT);
                model.alignment(candidates, List.of(mean), Preconditioner.Adam.less());
            };

    private static void project(ModelOps model, Samples candidates, Samples targets) {
        Projection projection = new Projection.Rademacher(PROJECTED, 1);
        GradientQuery query = GradientQuery.projected(projection);
        model.gradients(part(targets), query).close();
        model.gradients(part(candidates), query.preconditioned(Preconditioner.Adam.less())).close();
    }

    private static Samples part(Samples samples) {
        int size = samples.size() / PART;
        return new Samples(samples.source(), samples.indices().slice(0, size));
    }

    /** Prints what a question costs, and returns it in units of P. */
    private static double cost(Setup setup, Question question) throws Exception {
        double step =
                step(); // beside what it measures: a shared machine is not equally fast always
        List<Double> millis = new ArrayList<>();
        SampleSet all = ReferenceDecoder.tokens(CANDIDATES + TARGETS, SHORTEST, 256);
        Samples samples = Samples.all(all);
        Samples targets = new Samples(all, samples.indices().slice(0, TARGETS));
        Samples candidates =
                new Samples(all, samples.indices().slice(TARGETS, CANDIDATES + TARGETS));
        train(
                setup,
                builder ->
                        builder.optSelector(
                                context -> {
                                    long begin = System.nanoTime();
                                    question.ask(context.model(), candidates, targets);
                                    millis.add((System.nanoTime() - begin) / 1e6);
                                    return Selection.of(
                                            context.candidates()
                                                    .indices()
                                                    .slice(0, context.budget()));
                                },
                                UpdateSchedule.every(2)));
        double cost = ReferenceDecoder.median(millis.subList(1, millis.size()));
        System.out.printf(
                Locale.ROOT,
                "%-30s %9.0f ms = %6.1f P of %4.0f ms%n",
                setup.name(),
                cost,
                cost / step,
                step);
        return cost / step;
    }

    private static double step() throws Exception {
        List<Double> millis = new ArrayList<>();
        Setup plain = new Setup("P", Precision.FLOAT32, false, false);
        train(
                plain,
                builder ->
                        builder.on(
                                StepCompleted.class, e -> millis.add(e.elapsed().toNanos() / 1e6)));
        return ReferenceDecoder.median(millis.subList(2, millis.size()));
    }

    private static void train(Setup setup, Consumer<DynamicTrainer.Builder> additions)
            throws Exception {
        try (Model model = Model.newInstance("decoder")) {
            CausalLm decoder = ReferenceDecoder.make(setup.precision());
            // a block of blocks does not tell how its parameters are used
            model.setBlock(setup.oneByOne() ? new SequentialBlock().add(decoder) : decoder);
            decoder.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 1));
            if (setup.isLora()) {
                Lora.attach(decoder, LoraConfig.builder().setRank(RANK).build(), 1);
            }
            int length = ReferenceDecoder.LENGTH;
            int rows = ReferenceDecoder.BATCH_SIZE * setup.steps();
            DynamicTrainer.Builder builder =
                    DynamicTrainer.builder()
                            .setModel(model)
                            .setTrainingConfig(
                                    new DefaultTrainingConfig(new CausalLmLoss())
                                            .optOptimizer(AdamW.builder().build()))
                            .setPool(
                                    CandidatePool.of(ReferenceDecoder.tokens(rows, length, length)))
                            .setSteps(setup.steps())
                            .setBatchSize(ReferenceDecoder.BATCH_SIZE);
            additions.accept(builder);
            try (DynamicTrainer trainer = builder.build()) {
                trainer.fit();
            }
        }
    }
}
