package org.dataflex.model;

/** How the states [T, D] of one sample become one vector [D]; padding never counts. */
public enum Pooling {
    /** The mean over the real tokens. */
    MEAN,
    /** The state of the last real token. */
    LAST,
    /**
     * The mean over the real tokens, each weighted by its rank among them, 1 for the first (ADAPT,
     * arXiv 2605.05227).
     */
    POSITION_WEIGHTED_MEAN
}
