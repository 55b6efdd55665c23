package org.dataflex.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Several sets one after another; a batch may hold samples of all. */
final class ConcatenatedSamples implements SampleSet {

    private final List<SampleSet> parts;

    /** ends[i] is the position after the last sample of part i. */
    private final long[] ends;

    private ConcatenatedSamples(List<SampleSet> parts) {
        this.parts = List.copyOf(parts);
        this.ends = parts.stream().mapToLong(SampleSet::size).toArray();
        Arrays.parallelPrefix(ends, Long::sum);
    }

    static SampleSet of(SampleSet first, List<SampleSet> others) {
        if (others.isEmpty()) {
            return first;
        }
        List<SampleSet> parts = new ArrayList<>(List.of(first));
        parts.addAll(others);
        return new ConcatenatedSamples(parts);
    }

    @Override
    public long size() {
        return ends[ends.length - 1];
    }

    @Override
    public int length(long index) {
        int part = requirePart(index);
        return parts.get(part).length(index - start(part));
    }

    @Override
    public int largestToken(long index) {
        int part = requirePart(index);
        return parts.get(part).largestToken(index - start(part));
    }

    @Override
    public boolean hasTarget(long index) {
        int part = requirePart(index);
        return parts.get(part).hasTarget(index - start(part));
    }

    private int requirePart(long index) {
        if (index < 0 || index >= size()) {
            throw new IndexOutOfBoundsException("position " + index + " of " + size());
        }
        return partOf(index);
    }

    @Override
    public Batch batch(NDManager manager, SampleIndices indices)
            throws IOException, TranslateException {
        indices.requireBatchOf(size());
        int[] part = indices.stream().mapToInt(this::partOf).toArray();
        if (Arrays.stream(part).allMatch(p -> p == part[0])) {
            Batch read = parts.get(part[0]).batch(manager, within(part[0], indices));
            return batchOf(read.getManager(), read.getData(), read.getLabels(), indices);
        }
        NDManager own = manager.newSubManager();
        try {
            return mixed(own, part, indices);
        } catch (Throwable e) {
            own.close();
            throw e;
        }
    }

    private Batch mixed(NDManager own, int[] part, SampleIndices indices)
            throws IOException, TranslateException {
        List<Batch> reads = new ArrayList<>();
        List<Integer> order = new ArrayList<>();
        for (int p : Arrays.stream(part).distinct().sorted().toArray()) {
            int[] rows = IntStream.range(0, part.length).filter(i -> part[i] == p).toArray();
            long[] positions = Arrays.stream(rows).mapToLong(indices::get).toArray();
            reads.add(parts.get(p).batch(own, within(p, SampleIndices.of(positions))));
            Arrays.stream(rows).forEach(order::add);
        }
        NDList data = reorder(own, reads.stream().map(Batch::getData).toList(), order);
        NDList labels = reorder(own, reads.stream().map(Batch::getLabels).toList(), order);
        Batch batch = batchOf(own, data, labels, indices);
        reads.forEach(Batch::close); // the batch has copies
        return batch;
    }

    private static Batch batchOf(NDManager own, NDList data, NDList labels, SampleIndices indices) {
        return new Batch(own, data, labels, indices.size(), null, null, 0, 0, indices.asList());
    }

    @Override
    public String fingerprint() {
        return parts.stream().map(SampleSet::fingerprint).collect(Collectors.joining(" + "));
    }

    private int partOf(long index) {
        int found = Arrays.binarySearch(ends, index);
        int part = found >= 0 ? found + 1 : -found - 1;
        while (parts.get(part).size() == 0) {
            part++;
        }
        return part;
    }

    private SampleIndices within(int part, SampleIndices indices) {
        long start = start(part);
        return SampleIndices.of(indices.stream().map(index -> index - start).toArray());
    }

    private long start(int part) {
        return ends[part] - parts.get(part).size();
    }

    /** Joins the parts' arrays and puts the rows back into the order that was asked for. */
    private static NDList reorder(NDManager manager, List<NDList> parts, List<Integer> order) {
        long[] position = new long[order.size()];
        for (int i = 0; i < position.length; i++) {
            position[order.get(i)] = i;
        }
        requireAlike(parts);
        NDList result = new NDList();
        for (int a = 0; a < parts.get(0).size(); a++) {
            int array = a;
            NDList pieces = new NDList();
            parts.forEach(part -> pieces.add(part.get(array)));
            NDArray joined = NDArrays.concat(pieces);
            result.add(joined.get(manager.create(position)));
        }
        return result;
    }

    private static void requireAlike(List<NDList> parts) {
        List<String> forms = parts.stream().map(ConcatenatedSamples::sampleForm).toList();
        if (forms.stream().distinct().count() > 1) {
            throw new IllegalArgumentException(
                    "samples of different domains have different shapes "
                            + forms
                            + "; give them one shape (pad them) and type, or use TokenSequences,"
                            + " which pads a batch by itself");
        }
    }

    /** The arrays of one sample, such as {@code [(4) float32]}. */
    private static String sampleForm(NDList arrays) {
        return arrays.stream()
                .map(a -> a.getShape().slice(1) + " " + a.getDataType())
                .toList()
                .toString();
    }
}
