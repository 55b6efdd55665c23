package org.dataflex.data.store;

import java.util.Arrays;
import java.util.List;
import org.dataflex.data.store.PreparedDataBuilder.Use;

/** Finds samples that are in two sets that are to be kept apart: those of different use. */
final class SharedSamples {

    /**
     * A set of samples.
     *
     * @param name how messages call it
     * @param use what it is for
     * @param hashes content hashes
     * @param rows the rows of the dataset that they come from
     */
    record Part(String name, Use use, long[] hashes, long[] rows) {

        long rowOf(long hash) {
            for (int i = 0; i < hashes.length; i++) {
                if (hashes[i] == hash) {
                    return rows[i];
                }
            }
            throw new IllegalArgumentException("no such hash");
        }
    }

    private SharedSamples() {}

    /** Refuses sets of different use that share a sample. */
    static void refuse(List<Part> parts) {
        List<long[]> sorted = parts.stream().map(part -> sorted(part.hashes())).toList();
        for (int i = 0; i < parts.size(); i++) {
            for (int j = i + 1; j < parts.size(); j++) {
                if (parts.get(i).use() != parts.get(j).use()) {
                    refuse(parts.get(i), parts.get(j), sorted.get(i), sorted.get(j));
                }
            }
        }
    }

    private static void refuse(Part first, Part second, long[] a, long[] b) {
        for (int i = 0, j = 0; i < a.length && j < b.length; ) {
            if (a[i] == b[j]) {
                throw new IllegalArgumentException(
                        first.name()
                                + " and "
                                + second.name()
                                + " share a sample: row "
                                + first.rowOf(a[i])
                                + " of the one is row "
                                + second.rowOf(a[i])
                                + " of the other; leave it out of one, or allow it by"
                                + " optSharedSamples(true)");
            }
            if (a[i] < b[j]) {
                i++;
            } else {
                j++;
            }
        }
    }

    private static long[] sorted(long[] hashes) {
        long[] sorted = hashes.clone();
        Arrays.sort(sorted);
        return sorted;
    }
}
