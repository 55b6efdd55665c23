package org.dataflex.model;

/** What a sample's gradient g counts for in a mean. */
public enum Normalisation {
    /** g itself. */
    NONE,
    /** g / |g|, and 0 where g is 0: each sample counts alike, whatever its loss. */
    UNIT
}
