package org.dataflex.checkpoint;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes tensors by name in the <a
 * href="https://github.com/huggingface/safetensors">safetensors</a> format, a piece in memory at a
 * time. Equal tensors give equal files.
 */
public final class SafetensorsWriter {

    /** What transformers wants to read of a file's origin: the layout is PyTorch's. */
    private static final Map<String, String> METADATA = Map.of("format", "pt");

    private SafetensorsWriter() {}

    /**
     * Writes a whole file.
     *
     * @param channel where to; not closed
     * @param tensors the tensors by name; those of large numbers come first in the file, so that
     *     all numbers are aligned, otherwise in this order
     * @throws IOException if it cannot be written to
     */
    public static void write(WritableByteChannel channel, Map<String, Tensor> tensors)
            throws IOException {
        write(channel, tensors, Map.of());
    }

    /**
     * Writes a whole file, with words about it.
     *
     * @param channel where to; not closed
     * @param tensors the tensors by name, as {@link #write(WritableByteChannel, Map)}
     * @param metadata text by key, which {@link SafetensorsReader#metadata} returns beside what
     *     every file says
     * @throws IOException if it cannot be written to
     */
    public static void write(
            WritableByteChannel channel, Map<String, Tensor> tensors, Map<String, String> metadata)
            throws IOException {
        Map<String, String> words = new TreeMap<>(metadata);
        words.putAll(METADATA);
        Map<String, SafetensorsEntry> entries = layout(tensors);
        Drafts.writeFully(channel, new SafetensorsHeader(words, entries).bytes());
        for (String name : entries.keySet()) {
            tensors.get(name).writeTo(channel);
        }
    }

    private static Map<String, SafetensorsEntry> layout(Map<String, Tensor> tensors) {
        List<String> names = new ArrayList<>(tensors.keySet());
        names.sort((a, b) -> tensors.get(b).type().size() - tensors.get(a).type().size());
        Map<String, SafetensorsEntry> entries = new LinkedHashMap<>();
        long start = 0;
        for (String name : names) {
            Tensor tensor = tensors.get(name);
            SafetensorsEntry entry =
                    new SafetensorsEntry(name, tensor.type(), tensor.shape(), start);
            entries.put(name, entry);
            start = entry.end();
        }
        return entries;
    }
}
