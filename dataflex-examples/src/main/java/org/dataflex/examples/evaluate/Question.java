package org.dataflex.examples.evaluate;

import java.util.List;

/**
 * A question with answers to choose from.
 *
 * @param subject what it is about; questions are counted by it
 * @param text the question
 * @param options the answers, at least two
 * @param answer the position of the right one, from 0
 */
public record Question(String subject, String text, List<String> options, int answer) {

    /**
     * Checks the parts.
     *
     * @throws IllegalArgumentException if there are fewer than two options, one is blank, or the
     *     right one is none of them
     */
    public Question {
        options = List.copyOf(options);
        if (options.size() < 2) {
            throw new IllegalArgumentException(
                    options.size() + " options, must be at least two: " + options);
        }
        for (int i = 0; i < options.size(); i++) {
            if (options.get(i).isBlank()) {
                throw new IllegalArgumentException("option " + letter(i) + " is blank");
            }
        }
        if (answer < 0 || answer >= options.size()) {
            throw new IllegalArgumentException(
                    "answer = " + answer + ", must be one of the " + options.size() + " options");
        }
    }

    /**
     * Reads which option is right.
     *
     * @param answer a letter from A on, or a position from 0
     * @return the position
     * @throws IllegalArgumentException if it is neither
     */
    static int position(String answer) {
        String text = answer.strip();
        if (text.length() == 1 && Character.isLetter(text.charAt(0))) {
            return Character.toUpperCase(text.charAt(0)) - 'A';
        }
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "answer = '" + answer + "', must be a letter from A on or a number from 0", e);
        }
    }

    private static char letter(int position) {
        return (char) ('A' + position);
    }
}
