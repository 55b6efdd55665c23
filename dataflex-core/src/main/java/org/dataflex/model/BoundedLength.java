package org.dataflex.model;

/** A block that takes samples up to a length only; longer ones are refused before training. */
public interface BoundedLength {

    /**
     * Returns the length of the longest sample that the block takes.
     *
     * @return tokens, at least 1
     */
    int maxLength();
}
