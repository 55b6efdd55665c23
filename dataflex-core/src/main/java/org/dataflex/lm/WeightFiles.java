package org.dataflex.lm;

import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.dataflex.checkpoint.CheckpointException;
import org.dataflex.checkpoint.SafetensorsReader;
import org.dataflex.checkpoint.SafetensorsType;
import org.dataflex.checkpoint.Tensor;

/**
 * The weights of a model directory, as transformers lays it out: one {@code model.safetensors}, or
 * several shards that {@code model.safetensors.index.json} lists.
 *
 * <p>The files are mapped into memory, see {@link SafetensorsReader}: they must stay as they are
 * while this object is in use. Where both layouts are present the single file counts, as in
 * transformers.
 */
public final class WeightFiles {

    /** The name of weights in one file. */
    static final String SINGLE = "model.safetensors";

    /** The name of the list of shards. */
    static final String INDEX = SINGLE + ".index.json";

    /** The names of all files that this library writes weights to. */
    static final String PATTERN = "model(-\\d{5,}-of-\\d{5,})?\\.safetensors(\\.index\\.json)?";

    /** PyTorch's other format, which can hold programs; not what a trainer saves beside it. */
    private static final String PICKLE =
            "(pytorch_model|model|consolidated)[\\w.-]*\\.(bin|pt|pth)";

    private static final String PICKLE_MEND =
            " is not read; let transformers save the model again as safetensors, by"
                    + " save_pretrained with safe_serialization";

    private final Path path;
    private final List<SafetensorsReader> shards;
    private final Map<String, SafetensorsReader> shardOf = new LinkedHashMap<>();

    private WeightFiles(Path path, List<SafetensorsReader> shards) throws CheckpointException {
        this.path = path;
        this.shards = List.copyOf(shards);
        for (SafetensorsReader shard : shards) {
            for (String name : shard.tensors().keySet()) {
                SafetensorsReader other = shardOf.put(name, shard);
                if (other != null) {
                    throw new CheckpointException(
                            "tensor '%s' is in %s and in %s"
                                    .formatted(name, other.file(), shard.file()));
                }
            }
        }
    }

    /**
     * Opens the weights of a directory.
     *
     * @param directory the model's directory
     * @return its weights
     * @throws CheckpointException if a file is damaged, a shard is missing, or the index says
     *     otherwise than the shards
     * @throws NoSuchFileException if there are no weights; the message names pickled ones, which
     *     are not read
     * @throws IOException if a file cannot be read
     */
    public static WeightFiles open(Path directory) throws IOException {
        Path single = directory.resolve(SINGLE);
        if (Files.exists(single)) {
            return new WeightFiles(directory, List.of(shard(single)));
        }
        Path index = directory.resolve(INDEX);
        if (Files.exists(index)) {
            return new WeightFiles(directory, WeightFilesIndex.read(index).open(directory));
        }
        throw new NoSuchFileException(
                directory.toString(),
                null,
                pickle(directory)
                        .map(name -> name + PICKLE_MEND)
                        .orElse("neither " + SINGLE + " nor " + INDEX + " is there"));
    }

    private static Optional<String> pickle(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.matches(PICKLE))
                    .min(Comparator.naturalOrder());
        }
    }

    /**
     * Opens weights that are one file of any name, such as an adapter's.
     *
     * @param file the file
     * @return its weights
     * @throws CheckpointException if the file is damaged
     * @throws IOException if it cannot be read
     */
    public static WeightFiles openFile(Path file) throws IOException {
        return new WeightFiles(file, List.of(shard(file)));
    }

    /** Opens one file; a damaged one cannot be mended here. */
    static SafetensorsReader shard(Path file) throws IOException {
        try {
            return SafetensorsReader.open(file);
        } catch (CheckpointException e) {
            throw new CheckpointException(e.getMessage() + "; get the file anew", e);
        }
    }

    /**
     * Returns the files, for what goes through them one by one.
     *
     * @return a reader for each, in the order of their names
     */
    public List<SafetensorsReader> shards() {
        return shards;
    }

    /**
     * Returns the tensors' names.
     *
     * @return the names of all files, file by file
     */
    public Set<String> names() {
        return Collections.unmodifiableSet(shardOf.keySet());
    }

    /**
     * Finds a tensor.
     *
     * @param name its name
     * @return the tensor
     * @throws IllegalArgumentException if no file has it
     */
    public Tensor tensor(String name) {
        SafetensorsReader shard = shardOf.get(name);
        if (shard == null) {
            throw new IllegalArgumentException(path + " has no tensor '" + name + "'");
        }
        return shard.tensor(name);
    }

    /**
     * Reports the types of the numbers.
     *
     * @return how many numbers there are of each type that occurs
     */
    public Map<SafetensorsType, Long> numValuesByType() {
        Map<SafetensorsType, Long> numbers = new EnumMap<>(SafetensorsType.class);
        for (SafetensorsReader shard : shards) {
            for (Tensor tensor : shard.tensors().values()) {
                numbers.merge(tensor.type(), tensor.shape().size(), Long::sum);
            }
        }
        return numbers;
    }

    /**
     * Returns the type that most numbers are stored in, so that a result can be stored alike.
     *
     * @return the type
     * @throws CheckpointException if there are no numbers
     */
    public SafetensorsType mainType() throws CheckpointException {
        return numValuesByType().entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow(
                        () ->
                                new CheckpointException(
                                        path + " has no weights; get the model's files anew"))
                .getKey();
    }

    /**
     * Gives a block's parameters the values that bear their names.
     *
     * <p>Every parameter must have a tensor of its shape and of a type that its own can hold
     * exactly: F16 and BF16 are widened. Every tensor must have a parameter, except {@code
     * lm_head.weight} where the block has none and it equals {@code model.embed_tokens.weight} (a
     * tied head), and the tables {@code *.rotary_emb.inv_freq} of old Llama files. Parameters
     * without an array get a float32 one, so that this may come before {@code initialize}, which
     * then draws nothing. Beyond the parameters it takes memory for one piece of a tensor.
     *
     * @param block the block; its parameters must know their shapes
     * @param manager whose the arrays shall be of parameters that have none
     * @throws CheckpointException if tensors do not fit: the message has a line for each, and no
     *     parameter was changed; or if tensors have NaN or infinite values: the message names them,
     *     and the parameters have their new values
     */
    public void load(Block block, NDManager manager) throws CheckpointException {
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        block.getParameters().forEach(p -> parameters.put(p.getKey(), p.getValue()));
        load(parameters, manager);
    }

    /**
     * Gives parameters the values that bear their names, as {@link #load(Block, NDManager)}.
     *
     * @param parameters the parameters by the tensors' names, such as an adapter's
     * @param manager whose the arrays shall be of parameters that have none
     * @throws CheckpointException as there
     */
    public void load(Map<String, Parameter> parameters, NDManager manager)
            throws CheckpointException {
        requireFit(parameters);
        new WeightFilesLoading(this, parameters).copy(manager);
    }

    /**
     * Compares names, shapes and types; no value is read.
     *
     * @param parameters the parameters by the tensors' names; they need no arrays
     * @throws CheckpointException if tensors do not fit; the message has a line for each
     */
    void requireFit(Map<String, Parameter> parameters) throws CheckpointException {
        List<String> problems = new WeightFilesLoading(this, parameters).problems();
        if (!problems.isEmpty()) {
            throw new CheckpointException(
                    path + " does not fit the model:\n  " + String.join("\n  ", problems));
        }
    }
}
