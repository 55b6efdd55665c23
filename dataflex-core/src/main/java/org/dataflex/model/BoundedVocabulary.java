package org.dataflex.model;

/** A block that knows some tokens only; samples with others are refused before training. */
public interface BoundedVocabulary {

    /**
     * Returns how many tokens the block knows.
     *
     * @return V; token ids are in [0, V)
     */
    int vocabularySize();
}
