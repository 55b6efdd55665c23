package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.dataflex.checkpoint.AtomicDirectory;
import org.dataflex.checkpoint.CheckpointException;
import org.dataflex.checkpoint.Drafts;
import org.dataflex.checkpoint.SafetensorsType;
import org.dataflex.model.UnsupportedModelException;

/**
 * Low-rank adapters without their model, as PEFT saves them: {@code adapter_config.json} and {@code
 * adapter_model.safetensors}.
 *
 * <p>The directory is saved whole or not at all, see {@link AtomicDirectory}.
 *
 * @see <a href="https://huggingface.co/docs/peft/developer_guides/checkpoint">PEFT checkpoint
 *     format</a>
 */
public final class AdapterDirectory {

    private static final String CONFIG = "adapter_config.json";
    private static final String WEIGHTS = "adapter_model.safetensors";

    /** What PEFT writes beside them for people. */
    private static final String CARD = "README.md";

    /** PEFT's other format, which can hold programs. */
    private static final String PICKLE = "adapter_model.bin";

    private final AtomicDirectory directory;
    private final Drafts.Opener opener;

    /**
     * Names a directory to save in or to read; nothing is made yet.
     *
     * @param directory the directory; saving replaces it whole
     * @throws IOException if its place cannot be found out
     * @throws IllegalArgumentException if it is the root of a file system
     */
    public AdapterDirectory(Path directory) throws IOException {
        this(directory, Drafts::open);
    }

    AdapterDirectory(Path directory, Drafts.Opener opener) throws IOException {
        this.directory =
                new AtomicDirectory(
                        directory, "an adapter", Set.of(CONFIG, WEIGHTS, CARD)::contains);
        this.opener = opener;
    }

    /**
     * Checks that adapters can be saved here: what trains for long can fail before.
     *
     * @throws FileSystemException if nothing can be written there, or if the directory holds other
     *     files than adapters': they would be lost
     * @throws IOException if it cannot be read
     */
    public void requireWritable() throws IOException {
        directory.requireWritable();
    }

    /**
     * Saves adapters in float32, beside the README.md that PEFT may have left there, with some
     * values of the matrices that they are added to, so that {@link #attach} knows their model
     * again.
     *
     * @param lora the adapters, neither merged nor removed
     * @param baseModel the name or path by which PEFT shall find the model that they belong to, or
     *     null to name none
     * @throws IllegalStateException if they were merged or removed
     * @throws FileSystemException as {@link #requireWritable}
     * @throws IOException if it cannot be written, or if a value is NaN or infinite; an earlier
     *     save is then as before
     */
    public void save(Lora lora, String baseModel) throws IOException {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        lora.parameters().forEach((name, parameter) -> arrays.put(name, parameter.getArray()));
        if (arrays.isEmpty()) {
            throw new IllegalStateException("the adapters were merged or removed before");
        }
        String config = AdapterConfig.text(lora.config(), lora.targets(), baseModel);
        Map<String, String> metadata = Map.of(BaseSample.KEY, BaseSample.of(lora.layers()).text());
        WeightFilesWriter writer =
                new WeightFilesWriter(SafetensorsType.F32, Long.MAX_VALUE, opener);
        Path card = directory.path().resolve(CARD);
        directory.save(
                draft -> {
                    if (Files.exists(card)) {
                        Files.copy(card, draft.resolve(CARD));
                    }
                    writer.writeFile(draft.resolve(WEIGHTS), arrays, metadata);
                    new Drafts(draft, opener)
                            .add(CONFIG, config.getBytes(StandardCharsets.UTF_8))
                            .save();
                });
    }

    /**
     * Adds the saved adapters to a model, and freezes all its other parameters, as {@link
     * Lora#attach}.
     *
     * <p>The shapes decide whether the adapters fit, not the name of their model; and where they
     * were saved by this class, some values of the matrices that they are added to, which must be
     * those of the model that they were saved with up to its rounding to bfloat16 or half
     * precision. Adapters that PEFT saved have no such values, and a model without values yet is
     * not compared. Where something is wrong the model stays as it was.
     *
     * @param model the model, without adapters; no trainer has it yet
     * @param manager whose the adapters' arrays shall be where the model has no values yet
     * @return the adapters
     * @throws UnsupportedModelException if they are of a kind that {@link Lora} is not: the message
     *     has a line for each setting
     * @throws CheckpointException if a file is damaged, if adapters do not fit the model: the
     *     message has a line for each, if they belong to a model of other values, or if values are
     *     NaN or infinite
     * @throws NoSuchFileException if a file is missing
     * @throws IOException if a file cannot be read
     * @throws IllegalStateException if the model has adapters
     */
    public Lora attach(CausalLm model, NDManager manager) throws IOException {
        LoraConfig config = AdapterConfig.read(file(CONFIG));
        WeightFiles weights = WeightFiles.openFile(file(WEIGHTS));
        requireFit(weights, model.config(), config);
        Map<Parameter, Boolean> isTrained = new LinkedHashMap<>();
        model.getParameters().values().forEach(p -> isTrained.put(p, p.requiresGradient()));
        Lora lora = Lora.attach(model, config, 0); // first values, which give way to the saved ones
        try {
            requireSameBase(weights, lora);
            weights.load(lora.parameters(), manager);
            return lora;
        } catch (IOException | RuntimeException e) {
            lora.remove();
            isTrained.forEach((parameter, was) -> parameter.freeze(!was));
            throw e;
        }
    }

    /** Tries on a model without arrays: settings that lie about sizes shall not allocate them. */
    private void requireFit(WeightFiles weights, DecoderConfig sizes, LoraConfig config)
            throws CheckpointException {
        try {
            weights.requireFit(Lora.attach(new CausalLm(sizes, 0), config, 0).parameters());
        } catch (IllegalArgumentException e) {
            throw new CheckpointException(
                    directory.path() + " does not fit the model: " + e.getMessage(), e);
        }
    }

    private void requireSameBase(WeightFiles weights, Lora lora) throws CheckpointException {
        String sample = weights.shards().get(0).metadata().get(BaseSample.KEY);
        if (sample == null) {
            return;
        }
        BaseSample base = BaseSample.parse(directory.path().resolve(WEIGHTS), sample);
        Optional<String> other = base.firstDifference(lora.layers());
        if (other.isPresent()) {
            throw new CheckpointException(
                    ("%s is an adapter of another base model: %s had other values when it was"
                                    + " saved; attach it to the model that it was trained on,"
                                    + " which %s may name, or train it anew on this one")
                            .formatted(directory.path(), other.get(), CONFIG));
        }
    }

    private Path file(String name) throws NoSuchFileException {
        Path file = directory.path().resolve(name);
        if (Files.exists(file)) {
            return file;
        }
        boolean isPickled = name.equals(WEIGHTS) && Files.exists(directory.path().resolve(PICKLE));
        throw new NoSuchFileException(
                directory.path().toString(),
                null,
                isPickled
                        ? PICKLE + " is not read; let PEFT save it again with safe_serialization"
                        : name + " is not there");
    }
}
