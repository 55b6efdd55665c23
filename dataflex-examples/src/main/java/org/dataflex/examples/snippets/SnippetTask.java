package org.dataflex.examples.snippets;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.dataset.ArrayDataset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.dataflex.examples.corpus.BundledCorpus;
import org.dataflex.examples.corpus.TextDomain;
import org.dataflex.math.Seeds;

/**
 * Snippets of the bundled corpus, their features, and a classifier for them.
 *
 * <p>A snippet's features are how often each of {@link #FEATURES} hashed pairs of neighbouring
 * bytes stands in it, as the square root of the share.
 *
 * @param domains the domains' names; a label is a position in this list
 * @param training snippets to train on, some with wrong labels
 * @param heldOut snippets of held-out documents, all with right labels
 */
public record SnippetTask(List<String> domains, List<Snippet> training, List<Snippet> heldOut) {

    /** Features of a snippet. */
    public static final int FEATURES = 256;

    private static final int HIDDEN_UNITS = 128;
    private static final int SNIPPET_CHARACTERS = 80;
    private static final int BYTES_PER_DOMAIN = 200_000;

    /**
     * Cuts snippets out of the bundled corpus.
     *
     * @param perDomain training snippets of each domain
     * @param wrongLabels the share of training labels that are replaced by another one, in [0, 1)
     * @param seed of the choice which
     * @return the task
     */
    public static SnippetTask load(int perDomain, double wrongLabels, long seed) {
        List<TextDomain> corpus = BundledCorpus.load(BYTES_PER_DOMAIN);
        RandomGenerator random = Seeds.generator(seed, Seeds.of("wrong labels"));
        List<Snippet> training = new ArrayList<>();
        List<Snippet> heldOut = new ArrayList<>();
        for (int label = 0; label < corpus.size(); label++) {
            for (String text : cut(corpus.get(label).training(), perDomain)) {
                boolean isWrong = random.nextDouble() < wrongLabels;
                int shift = isWrong ? 1 + random.nextInt(corpus.size() - 1) : 0;
                training.add(new Snippet(text, (label + shift) % corpus.size(), isWrong));
            }
            for (String text : cut(corpus.get(label).heldOut(), perDomain)) {
                heldOut.add(new Snippet(text, label, false));
            }
        }
        return new SnippetTask(corpus.stream().map(TextDomain::name).toList(), training, heldOut);
    }

    private static List<String> cut(List<String> documents, int most) {
        return documents.stream().flatMap(SnippetTask::pieces).limit(most).toList();
    }

    private static Stream<String> pieces(String document) {
        List<String> pieces = new ArrayList<>();
        for (int at = 0; at + SNIPPET_CHARACTERS <= document.length(); at += SNIPPET_CHARACTERS) {
            pieces.add(document.substring(at, at + SNIPPET_CHARACTERS));
        }
        return pieces.stream();
    }

    /**
     * Makes an ordinary DJL dataset.
     *
     * @param manager holds its arrays
     * @param snippets the snippets
     * @return data [n, {@link #FEATURES}], labels [n]
     */
    public static ArrayDataset dataset(NDManager manager, List<Snippet> snippets) {
        float[] features = new float[snippets.size() * FEATURES];
        long[] labels = new long[snippets.size()];
        for (int i = 0; i < labels.length; i++) {
            addFeatures(snippets.get(i).text(), features, i * FEATURES);
            labels[i] = snippets.get(i).label();
        }
        return new ArrayDataset.Builder()
                .setData(manager.create(features, new Shape(labels.length, FEATURES)))
                .optLabels(manager.create(labels))
                .setSampling(1, false)
                .build();
    }

    private static void addFeatures(String text, float[] features, int at) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int i = 1; i < bytes.length; i++) {
            int pair = (bytes[i - 1] & 0xff) << 8 | bytes[i] & 0xff;
            features[at + Math.floorMod(Seeds.mix(0, pair), FEATURES)] += 1f / (bytes.length - 1);
        }
        for (int i = at; i < at + FEATURES; i++) {
            features[i] = (float) Math.sqrt(features[i]);
        }
    }

    /**
     * Makes a classifier of two layers.
     *
     * @return a model from [B, {@link #FEATURES}] to [B, domains], not initialized; the caller
     *     closes it
     */
    public Model model() {
        Model model = Model.newInstance("snippets");
        model.setBlock(
                new SequentialBlock()
                        .add(Linear.builder().setUnits(HIDDEN_UNITS).build())
                        .add(Activation.reluBlock())
                        .add(Linear.builder().setUnits(domains.size()).build()));
        return model;
    }
}
