package org.dataflex;

import ai.djl.Model;
import ai.djl.nn.Block;
import ai.djl.util.Progress;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.dataflex.checkpoint.AtomicDirectory;
import org.dataflex.checkpoint.StrictJson;
import org.dataflex.checkpoint.Tensor;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.SampleSet;
import org.dataflex.data.TokenFileWriter;
import org.dataflex.data.TokenSequences;
import org.dataflex.internal.ReferencePass;
import org.dataflex.math.Sha256;

/**
 * The token losses of a frozen reference model, computed once and kept in a file that is mapped.
 *
 * <p>What methods that compare with a reference need of it (DoReMi, RHO-1): training then never
 * runs it. The losses are those of {@link org.dataflex.loss.CausalLmLoss} in inference mode.
 *
 * <pre>{@code
 * try (ReferenceLosses reference =
 *         ReferenceLosses.compute(model, pool, Path.of("cache"), new ProgressBar())) {
 *     ... new ExcessLossTokenWeighter(reference) ...
 * }
 * }</pre>
 *
 * <p>Takes 4 bytes a target token on disk and next to nothing in memory. Reading is safe from
 * several threads.
 */
public final class ReferenceLosses implements AutoCloseable {

    private static final int VERSION = 1;
    private static final String LOSSES = "losses.tokens";
    private static final String DESCRIPTION = "reference.json";
    private static final int KEY_DIGITS = 16;
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Of each sample the number of its target tokens, then their losses' bits: the bits of a float
     * that is not negative are an int that is not, as a token file wants it.
     */
    private final TokenSequences losses;

    private final Path directory;
    private final String samples;
    private final double meanLoss;

    private ReferenceLosses(
            Path directory, TokenSequences losses, String samples, double meanLoss) {
        this.directory = directory;
        this.losses = losses;
        this.samples = samples;
        this.meanLoss = meanLoss;
    }

    /**
     * Opens the losses of a model and samples, after computing them if the cache has none.
     *
     * <p>They are kept by content: the digest of the model's parameters and the samples'
     * fingerprint. A computation that is cut off leaves nothing and starts anew.
     *
     * @param reference an initialized causal language model of the samples' tokenizer
     * @param samples the samples, such as the pool of the run to come
     * @param cache a directory for any number of stores; made if it is missing
     * @param progress is shown how many samples are done, such as {@code new ProgressBar()}, or
     *     null
     * @return the losses; close them after the last run that reads them
     * @throws IllegalArgumentException if a sample has a token that the model does not know, if a
     *     loss is not finite, or if the losses are far above those of guessing: the model is not
     *     trained, or has another tokenizer
     * @throws IOException if samples cannot be read, the cache cannot be written, or a store in it
     *     is damaged
     */
    public static ReferenceLosses compute(
            Model reference, SampleSet samples, Path cache, Progress progress) throws IOException {
        String model = digest(reference.getBlock());
        String key = model + " " + samples.fingerprint();
        String name = Sha256.of(key.getBytes(StandardCharsets.UTF_8)).substring(0, KEY_DIGITS);
        Path directory = cache.resolve("reference-" + name);
        if (!Files.exists(directory)) {
            Files.createDirectories(cache);
            new AtomicDirectory(directory, "reference losses", Set.of()::contains)
                    .save(
                            draft ->
                                    write(
                                            draft,
                                            model,
                                            new ReferencePass(reference, samples),
                                            progress));
        }
        ReferenceLosses opened = open(directory);
        opened.requireSamples(samples);
        return opened;
    }

    /** Digests names, types, shapes and values of all parameters. */
    private static String digest(Block block) {
        Sha256 digest = new Sha256();
        block.getParameters()
                .forEach(
                        named -> {
                            digest.update(named.getKey().getBytes(StandardCharsets.UTF_8));
                            Tensor.of(named.getValue().getArray()).addTo(digest);
                        });
        return digest.hex();
    }

    private static void write(Path draft, String model, ReferencePass pass, Progress progress)
            throws IOException {
        try (TokenFileWriter writer = TokenFileWriter.create(draft.resolve(LOSSES))) {
            pass.run(row -> writer.add(encode(row)), progress);
            writer.finish();
        }
        ObjectNode description =
                JSON.createObjectNode()
                        .put("version", VERSION)
                        .put("model", model)
                        .put("samples", pass.samples().fingerprint())
                        .put("meanLoss", pass.meanLoss());
        JSON.writerWithDefaultPrettyPrinter()
                .writeValue(draft.resolve(DESCRIPTION).toFile(), description);
    }

    private static int[] encode(float[] losses) {
        int[] bits = new int[1 + losses.length];
        bits[0] = losses.length;
        for (int t = 0; t < losses.length; t++) {
            bits[1 + t] = Float.floatToIntBits(Math.max(0f, losses[t])); // rounding may give -0
        }
        return bits;
    }

    /**
     * Opens a store.
     *
     * @param directory what {@link #compute} made within its cache
     * @return the losses; close them after the last run that reads them
     * @throws IOException if the store is missing, truncated, otherwise damaged, or of another
     *     version
     */
    public static ReferenceLosses open(Path directory) throws IOException {
        Path file = directory.resolve(DESCRIPTION);
        if (!Files.exists(file)) {
            throw new IOException(
                    directory + " holds no reference losses: it has no " + DESCRIPTION);
        }
        ObjectNode description = StrictJson.read(file);
        int version = description.path("version").asInt();
        if (version != VERSION) {
            throw new IOException(
                    ("%s has version %d of reference losses; this library reads version %d:"
                                    + " delete the directory to compute them anew")
                            .formatted(directory, version, VERSION));
        }
        return new ReferenceLosses(
                directory,
                TokenSequences.open(directory.resolve(LOSSES)),
                description.path("samples").asText(),
                description.path("meanLoss").asDouble());
    }

    /**
     * Returns the losses of a sample's target tokens.
     *
     * @param index the sample's position
     * @return a copy, in the order of the targets, in nats, each at least 0
     * @throws IndexOutOfBoundsException if there is no such position
     */
    public float[] tokenLosses(long index) {
        int[] bits = losses.ids(index);
        float[] values = new float[bits.length - 1];
        for (int t = 0; t < values.length; t++) {
            values[t] = Float.intBitsToFloat(bits[1 + t]);
        }
        return values;
    }

    /**
     * Returns where the losses are kept, for a strategy that is made by name.
     *
     * @return a directory that {@link #open} opens
     */
    public Path directory() {
        return directory;
    }

    /**
     * Returns the number of samples.
     *
     * @return the number of samples
     */
    public long size() {
        return losses.size();
    }

    /**
     * Returns the mean loss over all target tokens.
     *
     * @return nats a token
     */
    public double meanLoss() {
        return meanLoss;
    }

    /**
     * Identifies the losses, for the settings of a strategy that depends on them.
     *
     * @return a short text that differs where the losses do
     */
    public String fingerprint() {
        return losses.fingerprint();
    }

    /**
     * Refuses other samples than the losses were computed of; for {@code Strategy.check}.
     *
     * @param others such as a run's pool
     * @throws IllegalArgumentException if they are others, or a pool that grows
     */
    public void requireSamples(SampleSet others) {
        if (others instanceof CandidatePool pool && pool.isGrowing()) {
            throw new IllegalArgumentException(
                    "reference losses are of samples that are known before training, and a"
                            + " streaming pool grows; take a pool of files");
        }
        if (!samples.equals(others.fingerprint())) {
            throw new IllegalArgumentException(
                    "the reference losses are of other samples, "
                            + samples
                            + "; compute those of "
                            + others.fingerprint());
        }
    }

    /** Closes the file, after which reading throws {@link IllegalStateException}. */
    @Override
    public void close() {
        losses.close();
    }
}
