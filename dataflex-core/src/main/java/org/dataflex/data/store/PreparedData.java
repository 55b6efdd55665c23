package org.dataflex.data.store;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.TokenSequences;

/**
 * Datasets, ready to train on: tokens with their targets, held-out samples, target and evaluation
 * sets.
 *
 * <pre>{@code
 * DatasetInfo info = DatasetInfo.read(Path.of("data"));
 * try (TextTokenizer tokenizer = TextTokenizer.open(model);
 *         PreparedData data =
 *                 PreparedData.builder()
 *                         .setTokenizer(tokenizer)
 *                         .setStore(Path.of("tokens"))
 *                         .optTemplate(NamedTemplate.of("llama3", tokenizer))
 *                         .addDomain(info.dataset("alpaca_en_demo"))
 *                         .addDomain(info.dataset("wiki_demo").asTexts())
 *                         .optValidationSize(0.1)
 *                         .build()) {
 *     trainer.setPool(data.pool());
 *     ...
 * }
 * }</pre>
 *
 * <p>Tokens are made once and kept in the store; the next build with the same files, tokenizer,
 * template and settings opens them. The order of samples is that of the files, whatever the number
 * of threads. Closing frees the files, so close after the last run that reads them.
 */
public final class PreparedData implements AutoCloseable {

    private final CandidatePool pool;
    private final Map<String, TokenSequences> trainingSets;
    private final Map<String, TokenSequences> validationSets;
    private final Map<String, TokenSequences> targetSets;
    private final Map<String, TokenSequences> evaluationSets;
    private final Map<String, DatasetTally> tallies;
    private final Map<Path, String> sources;
    private final List<TokenSequences> open;

    PreparedData(CandidatePool pool, PreparedSets sets) {
        this.pool = pool;
        this.trainingSets = copy(sets.training());
        this.validationSets = copy(sets.validation());
        this.targetSets = copy(sets.targets());
        this.evaluationSets = copy(sets.evaluation());
        this.tallies = copy(sets.tallies());
        this.sources = copy(sets.sources());
        this.open = List.copyOf(sets.open());
    }

    private static <K, T> Map<K, T> copy(Map<K, T> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }

    /**
     * Starts a preparation.
     *
     * @return a new builder
     */
    public static PreparedDataBuilder builder() {
        return new PreparedDataBuilder();
    }

    /**
     * Returns the samples to train on, a domain for each dataset.
     *
     * @return the pool, without what is held out
     */
    public CandidatePool pool() {
        return pool;
    }

    /**
     * Returns the domains of the pool.
     *
     * @return the sets by the names of their domains, in the order in which they were added
     */
    public Map<String, TokenSequences> trainingSets() {
        return trainingSets;
    }

    /**
     * Returns what is held out of the domains ({@link PreparedDataBuilder#optValidationSize}).
     *
     * @return the sets by the names of their domains; a domain of which nothing is held out has
     *     none
     */
    public Map<String, TokenSequences> validationSets() {
        return validationSets;
    }

    /**
     * Returns the target sets.
     *
     * @return the sets by the names of their datasets, in the order in which they were added
     */
    public Map<String, TokenSequences> targetSets() {
        return targetSets;
    }

    /**
     * Returns the evaluation sets.
     *
     * @return the sets by the names of their datasets, in the order in which they were added
     */
    public Map<String, TokenSequences> evaluationSets() {
        return evaluationSets;
    }

    /**
     * Tells what became of the rows of each dataset: how many were cut or left out, and why.
     *
     * @return the counts by the names of the datasets
     */
    public Map<String, DatasetTally> tallies() {
        return tallies;
    }

    /**
     * Returns the files that the samples come from.
     *
     * @return the SHA-256 of each, 64 hexadecimal digits
     */
    public Map<Path, String> sources() {
        return sources;
    }

    /** Closes all files; reading a sample after that is an error. */
    @Override
    public void close() {
        open.forEach(TokenSequences::close);
    }
}
