package org.dataflex.testing;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import java.util.LinkedHashMap;
import java.util.Map;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.SampleSet;

/** Makes pools that have domains and sizes but no data, for tests without an engine. */
public final class FakePool {

    private FakePool() {}

    /**
     * Makes a pool of one domain, named {@code all}.
     *
     * @param size how many samples, at least 1
     * @return the pool
     */
    public static CandidatePool ofSize(long size) {
        return of(Map.of("all", size));
    }

    /**
     * Makes a pool of the domains {@code d0}, {@code d1} and so on.
     *
     * @param sizes how many samples each domain has, at least 1 each
     * @return the pool
     */
    public static CandidatePool ofSizes(long... sizes) {
        Map<String, Long> named = new LinkedHashMap<>();
        for (int i = 0; i < sizes.length; i++) {
            named.put("d" + i, sizes[i]);
        }
        return of(named);
    }

    /**
     * Makes a pool of named domains.
     *
     * @param sizes how many samples each domain has, in the order of the map
     * @return the pool
     */
    public static CandidatePool of(Map<String, Long> sizes) {
        CandidatePool.Builder builder = CandidatePool.builder();
        sizes.forEach((name, size) -> builder.addDomain(name, samples(size)));
        return builder.build();
    }

    /**
     * Makes samples that cannot be read, such as a target set for {@link FakeModelOps}.
     *
     * @param size how many
     * @return the samples
     */
    public static SampleSet samples(long size) {
        return new Unreadable(size);
    }

    private record Unreadable(long size) implements SampleSet {

        @Override
        public Batch batch(NDManager manager, SampleIndices indices) {
            throw new UnsupportedOperationException(
                    "a fake pool has no data; ask FakeModelOps instead");
        }

        @Override
        public String fingerprint() {
            return size + " fake samples";
        }
    }
}
