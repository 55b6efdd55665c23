package org.dataflex.examples.corpus;

/**
 * Turns a WordNet data file into the lines of a dictionary: {@code headword, headword: gloss}.
 *
 * <p>A line of the file is {@code offset lexfile type count word id word id ... | gloss}, with the
 * count of words as two hexadecimal digits and underscores for blanks. The lines of the licence at
 * the head of the file start with a blank.
 *
 * @see <a href="https://wordnet.princeton.edu/documentation/wndb5wn">wndb(5WN)</a>
 */
final class WordNetEntries {

    private static final String GLOSS_MARK = " | ";

    /** Fields before the first word. */
    private static final int COUNT_FIELD = 3;

    private WordNetEntries() {}

    /**
     * Returns the entries of one data file, one a line.
     *
     * @throws IllegalArgumentException if a line has no gloss or no count of words
     */
    static String toText(String dataFile) {
        StringBuilder entries = new StringBuilder(dataFile.length() / 2);
        dataFile.lines()
                .filter(line -> !line.startsWith(" "))
                .forEach(line -> appendEntry(line, entries));
        return entries.toString();
    }

    private static void appendEntry(String line, StringBuilder entries) {
        int mark = line.indexOf(GLOSS_MARK);
        if (mark < 0) {
            throw new IllegalArgumentException("WordNet line without a gloss: " + line);
        }
        String[] fields = line.substring(0, mark).split(" ", COUNT_FIELD + 2);
        int count = Integer.parseInt(fields[COUNT_FIELD], 16);
        String[] wordsAndIds = fields[COUNT_FIELD + 1].split(" ", 2 * count + 1);
        for (int i = 0; i < count; i++) {
            entries.append(i == 0 ? "" : ", ").append(headword(wordsAndIds[2 * i]));
        }
        entries.append(": ").append(line.substring(mark + GLOSS_MARK.length()).strip());
        entries.append('\n');
    }

    /** Adjectives may carry their position in brackets, as in {@code galore(ip)}. */
    private static String headword(String field) {
        int bracket = field.endsWith(")") ? field.lastIndexOf('(') : -1;
        return (bracket > 0 ? field.substring(0, bracket) : field).replace('_', ' ');
    }
}
