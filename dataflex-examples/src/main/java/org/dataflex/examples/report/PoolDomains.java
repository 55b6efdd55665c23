package org.dataflex.examples.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The domains of a run's pool, whose samples stand together in their order. */
final class PoolDomains {

    private final Map<String, Long> sizes;

    /** The position after the last sample of each domain. */
    private final List<Long> ends = new ArrayList<>();

    PoolDomains(Map<String, Long> sizes) {
        this.sizes = sizes;
        long end = 0;
        for (long size : sizes.values()) {
            end += size;
            ends.add(end);
        }
    }

    List<String> names() {
        return List.copyOf(sizes.keySet());
    }

    long sizeOf(String domain) {
        return sizes.get(domain);
    }

    /** Samples of all domains. */
    long size() {
        return ends.isEmpty() ? 0 : ends.get(ends.size() - 1);
    }

    boolean contains(long position) {
        return position >= 0 && position < size();
    }

    /** The domain of a position of the pool. */
    String of(long position) {
        if (!contains(position)) {
            throw new IndexOutOfBoundsException("position " + position + " of " + size());
        }
        int domain = 0;
        while (position >= ends.get(domain)) {
            domain++;
        }
        return names().get(domain);
    }
}
