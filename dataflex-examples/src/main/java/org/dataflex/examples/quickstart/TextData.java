package org.dataflex.examples.quickstart;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dataflex.data.ByteTokens;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.SampleSet;
import org.dataflex.data.TokenSequences;
import org.dataflex.examples.corpus.BundledCorpus;
import org.dataflex.examples.corpus.TextDomain;

/**
 * Text of several domains as byte tokens.
 *
 * @param pool windows to train on, a domain for each kind of text
 * @param heldOut windows to measure on, by the domain's name
 */
public record TextData(CandidatePool pool, Map<String, SampleSet> heldOut) {

    /** Tokens of a window. */
    public static final int WINDOW = 128;

    private static final int MAX_BYTES_PER_DOMAIN = 2_400_000;
    private static final int HELD_OUT_WINDOWS = 48;

    /**
     * Reads the bundled corpus.
     *
     * @return the data; about 50,000 windows to train on
     */
    public static TextData load() {
        return of(bundled());
    }

    /**
     * Reads the bundled corpus.
     *
     * @return its domains, in a size for small models
     */
    public static List<TextDomain> bundled() {
        return BundledCorpus.load(MAX_BYTES_PER_DOMAIN);
    }

    /**
     * Cuts documents into windows.
     *
     * @param domains kinds of text
     * @return the data
     * @throws IllegalArgumentException if a domain has no held-out document of a window's length
     */
    public static TextData of(List<TextDomain> domains) {
        return of(domains, Integer.MAX_VALUE);
    }

    /**
     * Cuts some documents into windows.
     *
     * @param domains kinds of text
     * @param enough of each domain the first documents that have as many windows are taken
     * @return the data
     * @throws IllegalArgumentException if a domain has no held-out document of a window's length
     */
    public static TextData of(List<TextDomain> domains, int enough) {
        CandidatePool.Builder pool = CandidatePool.builder();
        Map<String, SampleSet> heldOut = new LinkedHashMap<>();
        for (TextDomain domain : domains) {
            pool.addDomain(domain.name(), windows(domain.training(), enough));
            TokenSequences windows = firstWindows(domain.heldOut());
            if (windows.size() == 0) {
                throw new IllegalArgumentException(
                        "domain '%s' has no held-out document of %d bytes or more"
                                .formatted(domain.name(), WINDOW));
            }
            heldOut.put(domain.name(), windows);
        }
        return new TextData(pool.build(), heldOut);
    }

    /**
     * Cuts the first documents into windows.
     *
     * @param documents text
     * @param enough as many documents are taken as have this many windows
     * @return that many windows or some more; fewer if the documents have fewer
     */
    public static TokenSequences windows(List<String> documents, int enough) {
        int taken = 0;
        for (int windows = 0; taken < documents.size() && windows < enough; taken++) {
            windows += 1 + ByteTokens.encode(documents.get(taken)).length / WINDOW;
        }
        return ByteTokens.sequences(documents.subList(0, taken), WINDOW);
    }

    /** One whole window of each document, which are in random order. */
    private static TokenSequences firstWindows(List<String> documents) {
        TokenSequences.Builder windows = TokenSequences.builder();
        documents.stream()
                .map(ByteTokens::encode)
                .filter(ids -> ids.length >= WINDOW)
                .limit(HELD_OUT_WINDOWS)
                .forEach(ids -> windows.add(Arrays.copyOf(ids, WINDOW)));
        return windows.build();
    }
}
