package org.dataflex.examples.weighnoisydata;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.dataflex.data.ByteTokens;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.TokenSequences;
import org.dataflex.examples.corpus.TextDomain;
import org.dataflex.examples.quickstart.TextData;

/**
 * Text of which a known share of the training windows is corrupted: their bytes are shuffled.
 *
 * @param training the windows: the clean ones first, then the corrupted
 * @param clean how many are clean
 * @param corrupted how many are corrupted
 * @param target clean windows that are not trained on
 * @param reference clean windows for a reference model
 */
public record NoisyData(
        TextData training, int clean, int corrupted, TokenSequences target, TextData reference) {

    private static final int DOCUMENTS = 2_000;
    private static final int TARGETS = 8;
    private static final int REFERENCES = 32;

    /**
     * Corrupts text.
     *
     * @param domains the text
     * @param noise the corrupted share, in [0, 1)
     * @param seed of which windows are corrupted and how
     * @return the data
     * @throws IOException if there is too little text
     */
    public static NoisyData of(List<TextDomain> domains, double noise, long seed)
            throws IOException {
        List<int[]> target = new ArrayList<>();
        List<int[]> reference = new ArrayList<>();
        List<int[]> training = new ArrayList<>();
        for (TextDomain domain : domains) {
            List<int[]> windows = windows(domain);
            if (windows.size() <= TARGETS + REFERENCES) {
                throw new IOException(
                        "domain '%s' has %d windows; give it more than %d"
                                .formatted(domain.name(), windows.size(), TARGETS + REFERENCES));
            }
            target.addAll(windows.subList(0, TARGETS));
            reference.addAll(windows.subList(TARGETS, TARGETS + REFERENCES));
            training.addAll(windows.subList(TARGETS + REFERENCES, windows.size()));
        }
        Random random = new Random(seed);
        Collections.shuffle(training, random);
        int corrupted = (int) Math.round(noise * training.size());
        int clean = training.size() - corrupted;
        CandidatePool.Builder pool = CandidatePool.builder();
        pool.addDomain("clean", sequences(training.subList(0, clean)));
        if (corrupted > 0) {
            List<int[]> noisy = training.subList(clean, training.size());
            noisy.forEach(ids -> shuffle(ids, random));
            pool.addDomain("corrupted", sequences(noisy));
        }
        return new NoisyData(
                new TextData(pool.build(), TextData.of(domains, 1).heldOut()),
                clean,
                corrupted,
                sequences(target),
                new TextData(CandidatePool.of(sequences(reference)), Map.of()));
    }

    private static List<int[]> windows(TextDomain domain) {
        List<String> documents = domain.training();
        TokenSequences all =
                ByteTokens.sequences(
                        documents.subList(0, Math.min(DOCUMENTS, documents.size())),
                        TextData.WINDOW);
        List<int[]> windows = new ArrayList<>();
        for (long i = 0; i < all.size(); i++) {
            windows.add(all.ids(i).clone());
        }
        return windows;
    }

    private static void shuffle(int[] ids, Random random) {
        for (int i = ids.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int id = ids[i];
            ids[i] = ids[j];
            ids[j] = id;
        }
    }

    private static TokenSequences sequences(List<int[]> windows) {
        TokenSequences.Builder builder = TokenSequences.builder();
        windows.forEach(builder::add);
        return builder.build();
    }
}
