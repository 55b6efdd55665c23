package org.dataflex.examples.cli;

import ai.djl.nn.Parameter;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.Domain;
import org.dataflex.data.Samples;
import org.dataflex.data.store.DatasetTally;
import org.dataflex.examples.config.NamedStrategy;
import org.dataflex.examples.config.OptimizerKeys;
import org.dataflex.examples.config.StrategyKeys;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.DecoderConfig;

/** What a run is going to do and what it takes, before it starts. */
final class Plan {

    private static final double MIB = 1 << 20;

    /** Forward passes that training on a batch takes: one forward, and a backward of two. */
    private static final int PASSES_OF_TRAINING = 3;

    /** Forward passes over a candidate that an update takes, by selector; others take none. */
    private static final Map<String, Integer> PASSES_OF_SCORING =
            Map.of(
                    "loss", 1,
                    "delta-loss", 1,
                    "less", PASSES_OF_TRAINING,
                    "nice", PASSES_OF_TRAINING,
                    "greats", PASSES_OF_TRAINING);

    private final TrainingRun run;
    private final StringBuilder text = new StringBuilder();

    /** The reference models whose losses the plan has told of. */
    private final Set<String> references = new HashSet<>();

    private Plan(TrainingRun run) {
        this.run = run;
    }

    /** Returns the plan of a run as text of some lines. */
    static String of(TrainingRun run) {
        Plan plan = new Plan(run);
        plan.addData();
        plan.addSteps();
        run.strategies().forEach(plan::addStrategy);
        plan.addMemory();
        return plan.text.toString();
    }

    private void add(String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    private void addData() {
        CandidatePool pool = run.data().pool();
        for (Domain domain : pool.domains()) {
            Samples samples = pool.samples(domain);
            DatasetTally tally = run.data().tallies().get(domain.name());
            add(
                    "%-12s %,10d samples of %,d rows, %,d cut, %,d left out",
                    domain.name(),
                    samples.size(),
                    tally.rows(),
                    tally.cut(),
                    tally.tooLong() + tally.withoutTarget() + tally.invalid());
        }
        run.data()
                .validationSets()
                .forEach((name, set) -> add("%-12s %,10d samples held out", name, set.size()));
        run.data()
                .evaluationSets()
                .forEach((name, set) -> add("%-12s %,10d samples to measure by", name, set.size()));
        run.data()
                .targetSets()
                .forEach((name, set) -> add("%-12s %,10d target samples", name, set.size()));
    }

    private void addSteps() {
        OptimizerKeys optimizer = run.config().optimizer();
        add(
                "%,d steps of %d rows (%s), %.2f times the pool",
                run.steps(),
                optimizer.rowsPerStep(),
                optimizer.tokensPerBatch().isPresent()
                        ? "%,d tokens a batch".formatted(optimizer.tokensPerBatch().getAsInt())
                        : optimizer.batchSize() + " x " + optimizer.accumulation(),
                (double) run.steps() * optimizer.rowsPerStep() / run.data().pool().size());
    }

    private void addStrategy(String kind, NamedStrategy strategy) {
        UpdateSchedule schedule = strategy.schedule();
        long updates = LongStream.range(0, run.steps()).filter(schedule::isDue).count();
        add("%s %s: %s, %,d updates", kind, strategy.name(), schedule, updates);
        Integer passes = PASSES_OF_SCORING.get(strategy.name());
        if (kind.equals("selector") && passes != null) {
            long pool = run.data().pool().size();
            int limit = run.config().strategies().candidateLimit();
            double scoring =
                    (double) passes * updates * (limit == 0 ? pool : Math.min(limit, pool));
            add(
                    "  scoring the candidates at each takes about %.1f times what training takes",
                    scoring / training());
        }
        addReference(strategy);
    }

    /** What strategies compare with is computed once and kept, however many compare with it. */
    private void addReference(NamedStrategy strategy) {
        String model = strategy.settings().get(StrategyKeys.REFERENCE_MODEL);
        if (model != null && references.add(model)) {
            add(
                    "  the losses of %s on the pool take about %.1f times what training takes,"
                            + " unless they are kept from before",
                    model, run.data().pool().size() / training());
        }
    }

    /** Forward passes over a sample that training takes. */
    private double training() {
        return (double) PASSES_OF_TRAINING * run.steps() * run.config().optimizer().rowsPerStep();
    }

    private void addMemory() {
        CausalLm decoder = run.withoutValues();
        long all = 0;
        long trained = 0;
        for (Parameter parameter : decoder.getParameters().values()) {
            long size = parameter.getShape().size();
            all += size;
            trained += parameter.requiresGradient() ? size : 0;
        }
        add(
                "%,d parameters, %,d of them trained: %,.0f MiB of weights, %,.0f of gradients and"
                        + " moments, about %,.0f of activations",
                all,
                trained,
                Float.BYTES * all / MIB,
                3L * Float.BYTES * trained / MIB,
                Float.BYTES * activations(decoder.config()) / MIB);
    }

    /** Numbers that a full batch of the longest samples leaves for its backward pass. */
    private double activations(DecoderConfig decoder) {
        double d = decoder.hiddenSize();
        double layer =
                6 * d // the states before and after each part, and both norms'
                        + 2.0
                                * (decoder.numHeads() + decoder.numKeyValueHeads())
                                * decoder.headSize()
                        + 4.0 * decoder.intermediateSize();
        int layers = decoder.numLayers();
        double token = run.config().model().checkpointing() ? layers * d + layer : layers * layer;
        OptimizerKeys optimizer = run.config().optimizer();
        return optimizer.tokensPerBatch().isPresent()
                ? token * optimizer.tokensPerBatch().getAsInt()
                : token * optimizer.batchSize() * run.config().data().cutoff();
    }
}
