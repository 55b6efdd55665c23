package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

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
public final class SafetensorsWriter {

    /** What transformers wants to read of a file's origin: the layout is PyTorch's. */
    private static final Map<String, String> METADATA = Map.of("format", "pt");

    private final SafetensorsType type;
    private final long shardSize;
    private final SafetensorsDrafts.Opener opener;

    SafetensorsWriter(SafetensorsType type, long shardSize, SafetensorsDrafts.Opener opener) {
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
    public static SafetensorsWriter of(SafetensorsType type) {
        if (!type.isFloating() || type == SafetensorsType.F64) {
            throw new IllegalArgumentException("type " + type + ", must be F32, F16 or BF16");
        }
        return new SafetensorsWriter(type, Long.MAX_VALUE, SafetensorsDrafts::open);
    }

    /**
     * Makes a writer of shards.
     *
     * @param shardSize the most bytes of tensors in a file, positive; a larger tensor gets a file
     *     to itself. What fits into one file is not sharded
     * @return the writer
     * @throws IllegalArgumentException if the size is not positive
     */
    public SafetensorsWriter withShardsOf(long shardSize) {
        if (shardSize <= 0) {
            throw new IllegalArgumentException("shardSize = " + shardSize + ", must be positive");
        }
        return new SafetensorsWriter(type, shardSize, opener);
    }

    /**
     * Writes a block's parameters as a model directory's weights; an earlier save's files go.
     *
     * @param directory the model's directory; made if it does not exist
     * @param block the block, initialized
     * @throws IOException if it cannot be written; earlier weights are then as before
     */
    public void write(Path directory, Block block) throws IOException {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        for (Pair<String, Parameter> named : block.getParameters()) {
            arrays.put(named.getKey(), named.getValue().getArray());
        }
        List<List<SafetensorsTensor>> shards = split(tensors(arrays));
        SafetensorsDrafts drafts = new SafetensorsDrafts(directory, opener);
        if (shards.size() == 1) {
            drafts.add(WeightFiles.SINGLE, file(shards.get(0)));
        } else {
            addShards(drafts, shards);
        }
        drafts.save();
        drafts.deleteOthers(WeightFiles.PATTERN);
    }

    private void addShards(SafetensorsDrafts drafts, List<List<SafetensorsTensor>> shards) {
        Map<String, String> shardOf = new TreeMap<>();
        long totalSize = 0;
        for (int i = 0; i < shards.size(); i++) {
            String name = "model-%05d-of-%05d.safetensors".formatted(i + 1, shards.size());
            for (SafetensorsTensor tensor : shards.get(i)) {
                shardOf.put(tensor.entry().name(), name);
                totalSize += tensor.entry().byteSize();
            }
            drafts.add(name, file(shards.get(i)));
        }
        String index = new WeightFilesIndex(Path.of(WeightFiles.INDEX), shardOf).text(totalSize);
        byte[] text = index.getBytes(StandardCharsets.UTF_8);
        drafts.add(
                WeightFiles.INDEX,
                channel -> SafetensorsTensor.writeFully(channel, ByteBuffer.wrap(text)));
    }

    /**
     * Writes arrays to one file of any name, such as an adapter's.
     *
     * @param file the file; replaced if it exists
     * @param arrays the arrays by their tensors' names
     * @throws IOException if it cannot be written; an earlier file is then as before
     */
    public void writeFile(Path file, Map<String, NDArray> arrays) throws IOException {
        SafetensorsDrafts drafts = new SafetensorsDrafts(file.toAbsolutePath().getParent(), opener);
        drafts.add(file.getFileName().toString(), file(tensors(arrays)));
        drafts.save();
    }

    private List<SafetensorsTensor> tensors(Map<String, NDArray> arrays) {
        List<SafetensorsTensor> tensors = new ArrayList<>();
        arrays.forEach((name, array) -> tensors.add(SafetensorsTensor.of(name, array, type)));
        return tensors;
    }

    private List<List<SafetensorsTensor>> split(List<SafetensorsTensor> tensors) {
        List<List<SafetensorsTensor>> shards = new ArrayList<>();
        List<SafetensorsTensor> shard = new ArrayList<>();
        long size = 0;
        for (SafetensorsTensor tensor : tensors) {
            long added = tensor.entry().byteSize();
            if (!shard.isEmpty() && added > shardSize - size) {
                shards.add(shard);
                shard = new ArrayList<>();
                size = 0;
            }
            shard.add(tensor);
            size += added;
        }
        shards.add(shard);
        return shards;
    }

    /** Lays tensors out: those of large numbers first, so that all numbers are aligned. */
    static SafetensorsTensor.Content file(List<SafetensorsTensor> tensors) {
        List<SafetensorsTensor> ordered = new ArrayList<>(tensors);
        ordered.sort((a, b) -> b.entry().type().size() - a.entry().type().size());
        Map<String, SafetensorsEntry> entries = new LinkedHashMap<>();
        long start = 0;
        for (SafetensorsTensor tensor : ordered) {
            SafetensorsEntry entry = tensor.startingAt(start).entry();
            entries.put(entry.name(), entry);
            start = entry.end();
        }
        return channel -> {
            SafetensorsTensor.writeFully(channel, new SafetensorsHeader(METADATA, entries).bytes());
            for (SafetensorsTensor tensor : ordered) {
                tensor.content().writeTo(channel);
            }
        };
    }
}
