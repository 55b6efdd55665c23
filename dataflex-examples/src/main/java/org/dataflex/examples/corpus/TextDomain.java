package org.dataflex.examples.corpus;

import java.util.List;

/**
 * The documents of one kind of text, split into those to train on and those to measure on.
 *
 * <p>No document is in both lists, and none is in a list twice.
 *
 * @param name short name in lower case, unique in a corpus, such as {@code java}
 * @param source the artifact that holds the text, and the text's licence
 * @param training documents to train on, about nine of ten
 * @param heldOut documents that training must never see
 */
public record TextDomain(String name, String source, List<String> training, List<String> heldOut) {

    /** Copies the lists. */
    public TextDomain {
        training = List.copyOf(training);
        heldOut = List.copyOf(heldOut);
    }
}
