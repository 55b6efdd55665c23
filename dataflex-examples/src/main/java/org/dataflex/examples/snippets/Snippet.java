package org.dataflex.examples.snippets;

/**
 * A piece of text and the domain that it is said to come from.
 *
 * @param text the text
 * @param label the number of the domain that a model is told
 * @param isWrong whether the label has been replaced by a wrong one
 */
public record Snippet(String text, int label, boolean isWrong) {}
