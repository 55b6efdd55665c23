package org.dataflex.examples.mixdomains;

import ai.djl.training.util.ProgressBar;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.dataflex.DynamicTrainer;
import org.dataflex.ReferenceLosses;
import org.dataflex.UpdateSchedule;
import org.dataflex.data.CandidatePool;
import org.dataflex.examples.corpus.TextDomain;
import org.dataflex.examples.quickstart.TextData;
import org.dataflex.mixers.DoReMiMixer;
import org.dataflex.mixers.ProportionsFile;
import org.dataflex.mixers.StaticMixer;

/**
 * The runs of DoReMi: reference, proxy, final. Killed anywhere, they go on from there; what is
 * finished is not made again.
 *
 * @param domains the text
 * @param runs what the reference and the final model are trained on and how
 * @param seed of everything random
 * @param reference the reference's run directory
 * @param proxy the proxy's run directory; the reference's losses and the proportions are kept
 *     beside it
 */
public record DoReMiRuns(
        List<TextDomain> domains, DomainRuns runs, long seed, Path reference, Path proxy) {

    /**
     * Returns the file of what the proxy found.
     *
     * @return written when the proxy run is finished
     */
    public Path proportions() {
        return proxy.resolveSibling("proportions.json");
    }

    /**
     * Trains reference and proxy.
     *
     * @return the proportions that the proxy found
     * @throws IOException if a directory cannot be read or written
     * @throws TranslateException never, tokens need no processing
     */
    public Map<String, Double> find() throws IOException, TranslateException {
        return find(builder -> {});
    }

    /**
     * Trains reference and proxy.
     *
     * @param proxyListeners adds listeners to the proxy run
     * @return the proportions that the proxy found
     * @throws IOException if a directory cannot be read or written
     * @throws TranslateException never, tokens need no processing
     */
    public Map<String, Double> find(Consumer<DynamicTrainer.Builder> proxyListeners)
            throws IOException, TranslateException {
        if (!Files.exists(proportions())) {
            trainProxy(proxyListeners);
        }
        return ProportionsFile.read(proportions());
    }

    private void trainProxy(Consumer<DynamicTrainer.Builder> listeners)
            throws IOException, TranslateException {
        TextData data = proxyData();
        try (DomainRuns.Trained trained = runs.train(reference, seed, DoReMiRuns::naturally);
                ReferenceLosses losses =
                        ReferenceLosses.compute(
                                trained.model(),
                                data.pool(),
                                proxy.resolveSibling("reference-losses"),
                                new ProgressBar())) {
            DoReMiMixer doremi = DoReMiMixer.builder().setReference(losses).build();
            runs.on(data)
                    .train(
                            proxy,
                            seed,
                            builder ->
                                    listeners.accept(
                                            builder.optMixer(doremi, UpdateSchedule.once())
                                                    .optWeighter(doremi, UpdateSchedule.every(1))))
                    .close();
            ProportionsFile.write(proportions(), doremi.averageWeights(data.pool()));
        }
    }

    /**
     * As many windows of each domain as the proxy draws: none is drawn twice, none for nothing. It
     * is not measured.
     */
    private TextData proxyData() {
        int rows = runs.steps() * DomainRuns.BATCH_SIZE;
        return new TextData(TextData.of(domains, 1 + rows / domains.size()).pool(), Map.of());
    }

    /**
     * Returns the proxy's pool.
     *
     * @return the pool
     */
    CandidatePool proxyPool() {
        return proxyData().pool();
    }

    /**
     * Trains the final model on the proportions that were found.
     *
     * @param directory its run directory
     * @return the model; the caller closes it
     * @throws IOException if a directory cannot be read or written
     * @throws TranslateException never, tokens need no processing
     */
    public DomainRuns.Trained trainFinal(Path directory) throws IOException, TranslateException {
        StaticMixer found = StaticMixer.of(find());
        return runs.train(directory, seed, b -> b.optMixer(found, UpdateSchedule.once()));
    }

    /**
     * Draws every window with equal chance, by domain.
     *
     * @param builder the run's
     */
    public static void naturally(DynamicTrainer.Builder builder) {
        builder.optMixer(StaticMixer.natural(), UpdateSchedule.once());
    }
}
