package org.dataflex.data;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Several storages one after another. */
final class JoinedTokens implements TokenStorage {

    private final List<TokenStorage> parts;

    /** starts[i] is the position of the first sequence of part i; one more ends the last. */
    private final long[] starts;

    JoinedTokens(List<TokenStorage> parts) {
        this.parts = List.copyOf(parts);
        this.starts = new long[parts.size() + 1];
        for (int i = 0; i < parts.size(); i++) {
            starts[i + 1] = starts[i] + parts.get(i).size();
        }
    }

    @Override
    public long size() {
        return starts[parts.size()];
    }

    @Override
    public int length(long index) {
        int part = partOf(index);
        return parts.get(part).length(index - starts[part]);
    }

    @Override
    public void read(long index, int[] target) {
        int part = partOf(index);
        parts.get(part).read(index - starts[part], target);
    }

    @Override
    public String fingerprint() {
        return parts.stream().map(TokenStorage::fingerprint).collect(Collectors.joining(" + "));
    }

    @Override
    public void close() {
        parts.forEach(TokenStorage::close);
    }

    /**
     * The last part that starts at or before the position: empty ones before it start there too.
     */
    private int partOf(long index) {
        int found = Arrays.binarySearch(starts, index);
        int part = found >= 0 ? found : -found - 2;
        while (starts[part + 1] <= index) {
            part++;
        }
        return part;
    }
}
