package org.dataflex.selectors;

import java.util.Objects;

/** Collects the settings of a {@link TsdsSelector}. */
public final class TsdsSelectorBuilder {

    EmbeddingSource embeddings;
    double alpha;
    double scale = TsdsSelector.SCALE;
    double bandwidth = TsdsSelector.BANDWIDTH;
    int neighbours;
    int densityNeighbours;
    boolean replacement = true;
    Compatibility compatibility = Compatibility.NONE;

    TsdsSelectorBuilder() {}

    /**
     * Sets where the embeddings of candidates and target set come from.
     *
     * @param embeddings the source
     * @return this
     */
    public TsdsSelectorBuilder setEmbeddings(EmbeddingSource embeddings) {
        this.embeddings = Objects.requireNonNull(embeddings, "embeddings");
        return this;
    }

    /**
     * Sets alpha, what closeness to the targets counts against diversity.
     *
     * @param alpha above 0, at most 1, by default {@link TsdsSelector#ALPHA}; near 1 only the
     *     nearest candidates are drawn
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public TsdsSelectorBuilder optAlpha(double alpha) {
        if (!(alpha > 0 && alpha <= 1)) {
            throw new IllegalArgumentException(
                    "alpha = " + alpha + ", must be above 0 and at most 1");
        }
        this.alpha = alpha;
        return this;
    }

    /**
     * Sets C, what distances are measured by.
     *
     * @param scale finite, above 0, by default {@link TsdsSelector#SCALE}; a smaller one draws
     *     fewer candidates, nearer to the targets
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public TsdsSelectorBuilder optScale(double scale) {
        this.scale = SettingRange.above0("scale", scale);
        return this;
    }

    /**
     * Sets sigma, the distance from which on two candidates do not share their chance.
     *
     * @param bandwidth finite, at least 0, by default {@link TsdsSelector#BANDWIDTH}; 0 lets none
     *     share
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public TsdsSelectorBuilder optBandwidth(double bandwidth) {
        if (!(bandwidth >= 0 && bandwidth <= Double.MAX_VALUE)) {
            throw new IllegalArgumentException(
                    "bandwidth = " + bandwidth + ", must be finite and at least 0");
        }
        this.bandwidth = bandwidth;
        return this;
    }

    /**
     * Sets K, how many neighbours of each target are looked at; of fewer candidates all are.
     *
     * @param neighbours at least 1, at most the pool's size, by default {@link
     *     TsdsSelector#NEIGHBOURS} or a tenth of the candidates
     * @return this
     * @throws IllegalArgumentException if below 1
     */
    public TsdsSelectorBuilder optNeighbours(long neighbours) {
        this.neighbours = SettingRange.atLeast1("neighbours", neighbours);
        return this;
    }

    /**
     * Sets how many neighbours, itself included, a candidate's density counts at most.
     *
     * @param densityNeighbours at least 1, at most the pool's size, by default {@link
     *     TsdsSelector#DENSITY_NEIGHBOURS} or a tenth of the candidates
     * @return this
     * @throws IllegalArgumentException if below 1
     */
    public TsdsSelectorBuilder optDensityNeighbours(long densityNeighbours) {
        this.densityNeighbours = SettingRange.atLeast1("densityNeighbours", densityNeighbours);
        return this;
    }

    /**
     * Sets whether an update may draw what an earlier one has drawn.
     *
     * @param replacement by default true; false to draw every candidate that has a probability once
     *     before any is drawn again
     * @return this
     */
    public TsdsSelectorBuilder optReplacement(boolean replacement) {
        this.replacement = replacement;
        return this;
    }

    /**
     * Sets whose defaults to follow.
     *
     * @param compatibility by default {@link Compatibility#NONE}; with {@link
     *     Compatibility#DATAFLEX} alpha is 0.6 by default, and the counts of neighbours are limited
     *     by the candidates, not by a tenth of them
     * @return this
     */
    public TsdsSelectorBuilder optCompatibility(Compatibility compatibility) {
        this.compatibility = Objects.requireNonNull(compatibility, "compatibility");
        return this;
    }

    /**
     * Makes the selector.
     *
     * @return a new selector
     * @throws IllegalStateException if the embeddings were not set
     */
    public TsdsSelector build() {
        EmbeddingSource.requireSet(embeddings);
        return new TsdsSelector(this);
    }
}
