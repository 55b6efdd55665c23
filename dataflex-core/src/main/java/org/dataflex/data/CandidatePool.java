package org.dataflex.data;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Every sample that training may draw from, each with a stable position and a domain.
 *
 * <p>The samples of a domain stand together: the first domain's at the positions from 0 on, then
 * the second's, and so on, in the order in which the domains were added.
 *
 * <p>A {@linkplain #growing growing} pool has one domain, to the end of which samples are added.
 */
public final class CandidatePool implements SampleSet {

    private final List<Domain> domains;
    private final SampleSet samples;

    /** starts[i] is the position of the first sample of domain i. */
    private final long[] starts;

    private final boolean isGrowing;

    private CandidatePool(Map<Domain, SampleSet> parts, boolean isGrowing) {
        this.domains = List.copyOf(parts.keySet());
        List<SampleSet> sets = List.copyOf(parts.values());
        this.samples = sets.get(0).join(sets.subList(1, sets.size()));
        this.starts = new long[sets.size()];
        for (int i = 1; i < starts.length; i++) {
            starts[i] = starts[i - 1] + sets.get(i - 1).size();
        }
        this.isGrowing = isGrowing;
    }

    /**
     * Makes a pool of one domain that grows.
     *
     * @param name the domain's name
     * @param samples the samples; more may be added to their end, none may change
     * @return the pool
     */
    public static CandidatePool growing(String name, SampleSet samples) {
        return new CandidatePool(Map.of(new Domain(name), samples), true);
    }

    /**
     * Makes a pool of one domain, named {@code all}, from a DJL dataset.
     *
     * @param dataset the samples; its size must not change
     * @return the pool
     * @throws IllegalArgumentException if the dataset is empty
     */
    public static CandidatePool of(RandomAccessDataset dataset) {
        return builder().addDomain("all", dataset).build();
    }

    /**
     * Makes a pool of one domain, named {@code all}.
     *
     * @param samples the samples
     * @return the pool
     * @throws IllegalArgumentException if there are no samples
     */
    public static CandidatePool of(SampleSet samples) {
        return builder().addDomain("all", samples).build();
    }

    /**
     * Starts a pool of several domains.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public long size() {
        return samples.size();
    }

    /**
     * Tells whether samples are added as a run goes on: what must know all samples before cannot
     * work on such a pool.
     *
     * @return whether it is a stream's
     */
    public boolean isGrowing() {
        return isGrowing;
    }

    /**
     * Returns the domains in the order in which they were added.
     *
     * @return the domains, at least one
     */
    public List<Domain> domains() {
        return domains;
    }

    /**
     * Returns the domain of a sample.
     *
     * @param index a position of the pool
     * @return its domain
     * @throws IndexOutOfBoundsException if the pool has no such position
     */
    public Domain domainOf(long index) {
        if (index < 0 || index >= size()) {
            throw new IndexOutOfBoundsException("position " + index + " of " + size());
        }
        int found = Arrays.binarySearch(starts, index);
        return domains.get(found >= 0 ? found : -found - 2);
    }

    /** The position after the last sample of domain i. */
    private long end(int i) {
        return i + 1 < starts.length ? starts[i + 1] : size();
    }

    /**
     * Returns the samples of a domain.
     *
     * @param domain one of {@link #domains()}
     * @return its samples, in order
     * @throws IllegalArgumentException if the pool has no such domain
     */
    public Samples samples(Domain domain) {
        int i = domains.indexOf(domain);
        if (i < 0) {
            throw new IllegalArgumentException(
                    "no domain named '" + domain + "'; the pool has " + domains);
        }
        return new Samples(this, SampleIndices.range(starts[i], end(i)));
    }

    @Override
    public int length(long index) {
        return samples.length(index);
    }

    @Override
    public int largestToken(long index) {
        return samples.largestToken(index);
    }

    @Override
    public boolean hasTarget(long index) {
        return samples.hasTarget(index);
    }

    @Override
    public Batch batch(NDManager manager, SampleIndices indices)
            throws IOException, TranslateException {
        return samples.batch(manager, indices);
    }

    @Override
    public String fingerprint() {
        long[] ends = IntStream.range(0, starts.length).mapToLong(this::end).toArray();
        return domains
                + (isGrowing ? " " : " " + Arrays.toString(ends) + " ")
                + samples.fingerprint();
    }

    /** Collects the domains of a {@link CandidatePool}. */
    public static final class Builder {

        private final Map<Domain, SampleSet> parts = new LinkedHashMap<>();

        private Builder() {}

        /**
         * Adds a domain whose samples are a DJL dataset's.
         *
         * @param name the domain's name, not yet taken
         * @param dataset its samples
         * @return this
         * @throws IllegalArgumentException if the name is taken or blank
         */
        public Builder addDomain(String name, RandomAccessDataset dataset) {
            return addDomain(name, SampleSet.of(dataset));
        }

        /**
         * Adds a domain.
         *
         * @param name the domain's name, not yet taken
         * @param samples its samples
         * @return this
         * @throws IllegalArgumentException if the name is taken or blank
         */
        public Builder addDomain(String name, SampleSet samples) {
            if (parts.putIfAbsent(new Domain(name), samples) != null) {
                throw new IllegalArgumentException("two domains are named '" + name + "'");
            }
            return this;
        }

        /**
         * Makes the pool.
         *
         * @return the pool
         * @throws IllegalArgumentException if there is no domain, or a domain has no samples
         */
        public CandidatePool build() {
            List<Domain> empty = new ArrayList<>();
            parts.forEach(
                    (domain, samples) -> {
                        if (samples.size() == 0) {
                            empty.add(domain);
                        }
                    });
            if (parts.isEmpty()) {
                throw new IllegalArgumentException("the pool is empty; add at least one domain");
            }
            if (!empty.isEmpty()) {
                throw new IllegalArgumentException(
                        "domains without samples: " + empty + "; leave them out or fill them");
            }
            return new CandidatePool(parts, false);
        }
    }
}
