package org.dataflex.examples.weighnoisydata;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.SampleSet;
import org.dataflex.data.TokenSequences;
import org.dataflex.examples.corpus.TextDomain;
import org.dataflex.examples.quickstart.TextData;
import org.dataflex.math.SeededPermutation;
import org.dataflex.math.Seeds;

/**
 * Text of which a known share of the training windows is corrupted: their bytes are shuffled.
 *
 * @param clean training windows as they are
 * @param corrupted training windows whose bytes are shuffled
 * @param target clean windows to steer towards
 * @param reference clean windows for a reference model
 * @param heldOut clean windows to measure on, by domain; no window is in two of these sets
 */
public record NoisyData(
        TokenSequences clean,
        TokenSequences corrupted,
        TokenSequences target,
        TokenSequences reference,
        Map<String, SampleSet> heldOut) {

    private static final int TARGETS = 8;
    private static final int REFERENCES = 32;

    /**
     * Takes windows, as many of each domain, and corrupts some.
     *
     * @param domains the text
     * @param windows training windows in all, rounded up to a multiple of the domains
     * @param noise the share of them that is corrupted, in [0, 1)
     * @param seed of which windows are corrupted and how
     * @return the data
     * @throws IOException if a domain has too little text
     */
    public static NoisyData of(List<TextDomain> domains, int windows, double noise, long seed)
            throws IOException {
        int each = 1 + (windows - 1) / domains.size();
        TokenSequences.Builder target = TokenSequences.builder();
        TokenSequences.Builder reference = TokenSequences.builder();
        TokenSequences.Builder training = TokenSequences.builder();
        for (TextDomain domain : domains) {
            TokenSequences all = windows(domain, TARGETS + REFERENCES + each);
            add(all, 0, TARGETS, target);
            add(all, TARGETS, REFERENCES, reference);
            add(all, TARGETS + REFERENCES, each, training);
        }
        TokenSequences original = training.build();
        SeededPermutation order = new SeededPermutation(original.size(), seed);
        long intact = original.size() - Math.round(noise * original.size());
        TokenSequences.Builder clean = TokenSequences.builder();
        TokenSequences.Builder corrupted = TokenSequences.builder();
        for (long i = 0; i < original.size(); i++) {
            int[] ids = original.ids(order.at(i));
            if (i < intact) {
                clean.add(ids);
            } else {
                corrupted.add(shuffled(ids, Seeds.mix(seed, i)));
            }
        }
        return new NoisyData(
                clean.build(),
                corrupted.build(),
                target.build(),
                reference.build(),
                TextData.of(domains, 1).heldOut());
    }

    private static TokenSequences windows(TextDomain domain, int enough) throws IOException {
        TokenSequences windows = TextData.windows(domain.training(), enough);
        if (windows.size() < enough) {
            throw new IOException(
                    "domain '%s' has %d training windows of %d bytes, %d are needed; give it more text, or train for fewer steps"
                            .formatted(domain.name(), windows.size(), TextData.WINDOW, enough));
        }
        return windows;
    }

    private static void add(TokenSequences from, int first, int count, TokenSequences.Builder to) {
        for (int i = first; i < first + count; i++) {
            to.add(from.ids(i));
        }
    }

    private static int[] shuffled(int[] ids, long seed) {
        SeededPermutation order = new SeededPermutation(ids.length, seed);
        int[] shuffled = new int[ids.length];
        for (int t = 0; t < ids.length; t++) {
            shuffled[t] = ids[(int) order.at(t)];
        }
        return shuffled;
    }

    /**
     * Joins what is trained on.
     *
     * @return the clean windows first, then the corrupted
     */
    public TextData training() {
        CandidatePool.Builder pool = CandidatePool.builder().addDomain("clean", clean);
        if (corrupted.size() > 0) {
            pool.addDomain("corrupted", corrupted);
        }
        return new TextData(pool.build(), heldOut);
    }

    /**
     * Returns what the reference model is trained on.
     *
     * @return its windows, without anything to measure on
     */
    TextData referenceTraining() {
        return new TextData(CandidatePool.of(reference), Map.of());
    }
}
