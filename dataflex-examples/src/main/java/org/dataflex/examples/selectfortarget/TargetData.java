package org.dataflex.examples.selectfortarget;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.dataflex.data.ByteTokens;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.Domain;
import org.dataflex.data.SampleSet;
import org.dataflex.data.TokenSequences;
import org.dataflex.examples.corpus.LabelledText;
import org.dataflex.math.Seeds;
import org.dataflex.math.Shuffle;

/**
 * Candidates of many categories, target sets of one, and held-out samples of it; no text is in two
 * of them.
 *
 * <p>All texts are put in random order. Of the category's, the last are held out or target sets, a
 * set for each seed; of what is left, the first are the candidates, so that a limit keeps the
 * category's share.
 *
 * @param category the target category
 * @param length bytes of a sample, its end included; the rest of a longer text is cut off
 * @param pool the candidates, a domain for each category
 * @param targets the target sets, one a seed
 * @param heldOut samples of the category to measure on
 */
public record TargetData(
        String category,
        int length,
        CandidatePool pool,
        List<TokenSequences> targets,
        SampleSet heldOut) {

    /** Samples of a target set. */
    public static final int TARGETS = 32;

    /** The most samples that are held out, and the share of the category that they may be. */
    private static final int MOST_HELD_OUT = 256;

    private static final int HELD_OUT_ONE_IN = 4;

    private static final long ORDER = Seeds.of("order of the labelled texts");
    private static final int CATEGORIES_NAMED = 8;

    /**
     * How much of the texts is used.
     *
     * @param length bytes of a sample, at least 2
     * @param candidates the most candidates, a random part of all, at least 1
     * @param seeds how many target sets, at least 1
     */
    public record Sizes(int length, int candidates, int seeds) {}

    /**
     * Splits labelled texts.
     *
     * @param texts the texts; those that are equal when cut count once, with the first's category
     * @param category the target category
     * @param sizes how much of them is used
     * @return the data, always the same for the same arguments
     * @throws IOException if no text has the category, or too few have; says what there is
     */
    public static TargetData split(List<LabelledText> texts, String category, Sizes sizes)
            throws IOException {
        int length = sizes.length();
        List<LabelledText> order = shuffled(distinct(texts, length));
        List<LabelledText> own = order.stream().filter(t -> t.category().equals(category)).toList();
        int heldOut = Math.min(MOST_HELD_OUT, own.size() / HELD_OUT_ONE_IN);
        long wanted = heldOut + (long) sizes.seeds() * TARGETS;
        if (own.isEmpty()) {
            throw new IOException(unknown(category, order));
        }
        if (heldOut == 0 || own.size() <= wanted) {
            throw new IOException(
                    "--category = %s has %d different texts, too few for %d target sets of %d, held-out samples and candidates; name a larger one, or lower --seeds"
                            .formatted(category, own.size(), sizes.seeds(), TARGETS));
        }
        int reserved = (int) wanted;
        List<LabelledText> last = own.subList(own.size() - reserved, own.size());
        List<TokenSequences> targets = new ArrayList<>();
        for (int from = heldOut; from < reserved; from += TARGETS) {
            targets.add(sequences(last.subList(from, from + TARGETS), length));
        }
        List<LabelledText> rest = new ArrayList<>(order);
        rest.removeAll(new HashSet<>(last));
        List<LabelledText> candidates = rest.subList(0, Math.min(sizes.candidates(), rest.size()));
        return new TargetData(
                category,
                length,
                pool(candidates, length),
                List.copyOf(targets),
                sequences(last.subList(0, heldOut), length));
    }

    private static List<LabelledText> distinct(List<LabelledText> texts, int length) {
        Map<String, LabelledText> byText = new LinkedHashMap<>();
        texts.forEach(t -> byText.putIfAbsent(Arrays.toString(ids(t.text(), length)), t));
        return List.copyOf(byText.values());
    }

    private static List<LabelledText> shuffled(List<LabelledText> texts) {
        long[] order = new long[texts.size()];
        Arrays.setAll(order, i -> i);
        Shuffle.inPlace(order, Seeds.generator(0, ORDER));
        return Arrays.stream(order).mapToObj(i -> texts.get((int) i)).toList();
    }

    private static String unknown(String category, List<LabelledText> texts) {
        Map<String, Integer> sizes = new TreeMap<>();
        texts.forEach(t -> sizes.merge(t.category(), 1, Integer::sum));
        List<String> largest =
                sizes.entrySet().stream()
                        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                        .limit(CATEGORIES_NAMED)
                        .map(Map.Entry::getKey)
                        .toList();
        return "--category = %s: no text has it; name one of the texts' %d categories, the largest are %s"
                .formatted(category, sizes.size(), String.join(", ", largest));
    }

    private static CandidatePool pool(List<LabelledText> texts, int length) {
        Map<String, List<LabelledText>> byCategory = new TreeMap<>();
        texts.forEach(
                t -> byCategory.computeIfAbsent(t.category(), any -> new ArrayList<>()).add(t));
        CandidatePool.Builder pool = CandidatePool.builder();
        byCategory.forEach((name, some) -> pool.addDomain(name, sequences(some, length)));
        return pool.build();
    }

    private static TokenSequences sequences(List<LabelledText> texts, int length) {
        TokenSequences.Builder sequences = TokenSequences.builder();
        texts.forEach(t -> sequences.add(ids(t.text(), length)));
        return sequences.build();
    }

    private static int[] ids(String text, int length) {
        int[] bytes = ByteTokens.encode(text);
        int[] ids = Arrays.copyOf(bytes, Math.min(bytes.length + 1, length));
        if (bytes.length < length) {
            ids[bytes.length] = ByteTokens.END_OF_TEXT;
        }
        return ids;
    }

    /**
     * Returns the candidates of the target category.
     *
     * @return their number, 0 if a limit left none
     */
    public long ownCandidates() {
        return pool.domains().stream()
                .filter(this::isTarget)
                .mapToLong(domain -> pool.samples(domain).size())
                .sum();
    }

    /** Tells whether a domain of the pool is the target category. */
    boolean isTarget(Domain domain) {
        return domain.name().equals(category);
    }
}
