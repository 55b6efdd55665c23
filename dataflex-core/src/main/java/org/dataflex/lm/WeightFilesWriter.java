package org.dataflex.lm;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.dataflex.checkpoint.Drafts;
import org.dataflex.checkpoint.SafetensorsType;
import org.dataflex.checkpoint.SafetensorsWriter;
import org.dataflex.checkpoint.Tensor;

/**
 * Writes weights as safetensors that transformers reads, in one file or in shards with an index.
 *
 * <p>Files are written beside their final names, handed to the disk, and only then moved into
 * place: a save that fails leaves the one before whole and nothing of its own. Only a process
 * killed between the moves of shards, over a save of as many shards, leaves a mixture; {@link
 * ModelDirectory} moves all at once. In memory is a piece of one tensor at a time.
 *
 * <p>Numbers are rounded to the nearest, ties to even. Values that are NaN, infinite, or too large
 * for the type are refused: {@link WeightFiles#load} would not take them back.
 */
public final class WeightFilesWriter {

    private final SafetensorsType type;
    private final long shardSize;
    private final Drafts.Opener opener;

    WeightFilesWriter(SafetensorsType type, long shardSize, Drafts.Opener opener) {
        this.type = type;
        this.shardSize = shardSize;
        this.opener = opener;
    }

    /**
     * Makes a writer of single files.
     *
     * @param type what floating numbers are rounded to: F32, F16 or BF16; others stay as they are
     * @return the writer
     * @throws IllegalArgumentException if {@code type} is another
     */
    public static WeightFilesWriter of(SafetensorsType type) {
        if (!type.isFloating() || type == SafetensorsType.F64) {
            throw new IllegalArgumentException("type " + type + ", must be F32, F16 or BF16");
        }
        return new WeightFilesWriter(type, Long.MAX_VALUE, Drafts::open);
    }

    /**
     * Makes a writer of shards.
     *
     * @param shardSize the most bytes of tensors in a file, positive; a larger tensor gets a file
     *     to itself. What fits into one file is not sharded
     * @return the writer
     * @throws IllegalArgumentException if the size is not positive
     */
    public WeightFilesWriter withShardsOf(long shardSize) {
        if (shardSize <= 0) {
            throw new IllegalArgumentException("shardSize = " + shardSize + ", must be positive");
        }
        return new WeightFilesWriter(type, shardSize, opener);
    }

    /**
     * Writes a block's parameters as a model directory's weights; an earlier save's files go.
     *
     * @param directory the model's directory; made if it does not exist
     * @param block the block, initialized
     * @throws IllegalStateException if the block has adapters, which no such directory has room for
     * @throws IOException if it cannot be written; earlier weights are then as before
     */
    public void write(Path directory, Block block) throws IOException {
        if (LinearLayer.within(block).anyMatch(LinearLayer::isAdapted)) {
            throw new IllegalStateException(
                    "cannot save "
                            + directory
                            + ": the model has adapters; merge them first, or save them alone with"
                            + " AdapterDirectory");
        }
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        for (Pair<String, Parameter> named : block.getParameters()) {
            arrays.put(named.getKey(), named.getValue().getArray());
        }
        List<Map<String, Tensor>> shards = split(tensors(directory, arrays));
        Drafts drafts = new Drafts(directory, opener);
        if (shards.size() == 1) {
            drafts.add(WeightFiles.SINGLE, file(shards.get(0)));
        } else {
            addShards(drafts, shards);
        }
        drafts.save();
        drafts.deleteOthers(WeightFiles.PATTERN);
    }

    private static void addShards(Drafts drafts, List<Map<String, Tensor>> shards) {
        Map<String, String> shardOf = new TreeMap<>();
        long totalSize = 0;
        for (int i = 0; i < shards.size(); i++) {
            String file = "model-%05d-of-%05d.safetensors".formatted(i + 1, shards.size());
            for (Map.Entry<String, Tensor> tensor : shards.get(i).entrySet()) {
                shardOf.put(tensor.getKey(), file);
                totalSize += tensor.getValue().byteSize();
            }
            drafts.add(file, file(shards.get(i)));
        }
        String index = new WeightFilesIndex(Path.of(WeightFiles.INDEX), shardOf).text(totalSize);
        drafts.add(WeightFiles.INDEX, index.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Writes arrays to one file of any name, such as an adapter's.
     *
     * @param file the file; replaced if it exists
     * @param arrays the arrays by their tensors' names
     * @throws IOException if it cannot be written; an earlier file is then as before
     */
    public void writeFile(Path file, Map<String, NDArray> arrays) throws IOException {
        writeFile(file, arrays, Map.of());
    }

    /** Writes arrays to one file, with words about it by key. */
    void writeFile(Path file, Map<String, NDArray> arrays, Map<String, String> metadata)
            throws IOException {
        Map<String, Tensor> tensors = tensors(file, arrays);
        Drafts.Content content = channel -> SafetensorsWriter.write(channel, tensors, metadata);
        new Drafts(file.toAbsolutePath().getParent(), opener)
                .add(file.getFileName().toString(), content)
                .save();
    }

    private static Drafts.Content file(Map<String, Tensor> tensors) {
        return channel -> SafetensorsWriter.write(channel, tensors);
    }

    private Map<String, Tensor> tensors(Path target, Map<String, NDArray> arrays)
            throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        List<String> notFinite = new ArrayList<>();
        for (Map.Entry<String, NDArray> named : arrays.entrySet()) {
            SafetensorsType own = SafetensorsType.of(named.getValue().getDataType());
            if (own.isFloating() && !staysFinite(named.getValue())) {
                notFinite.add(named.getKey());
            }
            tensors.put(named.getKey(), Tensor.of(named.getValue(), own.isFloating() ? type : own));
        }
        if (!notFinite.isEmpty()) {
            throw new IOException(
                    ("cannot save %s: values are not finite as %s in %s;"
                                    + " what was saved before is unchanged")
                            .formatted(target, type, String.join(", ", notFinite)));
        }
        return tensors;
    }

    /** Rounds the extremes, which are NaN if any value is. */
    private boolean staysFinite(NDArray array) {
        if (array.size() == 0) {
            return true;
        }
        try (NDScope scope = new NDScope();
                NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            scope.suppressNotUsedWarning();
            NDArray values = array.stopGradient();
            NDList extremes = new NDList(values.max().reshape(1), values.min().reshape(1));
            NDArray rounded =
                    Tensor.of(NDArrays.concat(extremes), type)
                            .toArray(manager)
                            .toType(DataType.FLOAT64, false);
            return Double.isFinite(rounded.getDouble(0)) && Double.isFinite(rounded.getDouble(1));
        }
    }

    private List<Map<String, Tensor>> split(Map<String, Tensor> tensors) {
        List<Map<String, Tensor>> shards = new ArrayList<>();
        Map<String, Tensor> shard = new LinkedHashMap<>();
        long size = 0;
        for (Map.Entry<String, Tensor> tensor : tensors.entrySet()) {
            long added = tensor.getValue().byteSize();
            if (!shard.isEmpty() && added > shardSize - size) {
                shards.add(shard);
                shard = new LinkedHashMap<>();
                size = 0;
            }
            shard.put(tensor.getKey(), tensor.getValue());
            size += added;
        }
        shards.add(shard);
        return shards;
    }
}
