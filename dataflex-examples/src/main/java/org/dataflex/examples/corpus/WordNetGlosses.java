package org.dataflex.examples.corpus;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The glosses of WordNet 3.1, each labelled with its lexicographer file: 45 categories of meaning
 * such as {@code noun.food} or {@code verb.motion}.
 *
 * <p>A gloss is the definition alone: the examples that may follow it in quotes are left out, and
 * so are the words it defines.
 *
 * @see <a href="https://wordnet.princeton.edu/documentation/lexnames5wn">lexnames(5WN)</a>
 */
public final class WordNetGlosses {

    private static final String GLOSS_MARK = " | ";
    private static final String EXAMPLES_MARK = "; \"";

    /** By the number of the lexicographer file, the second field of a line. */
    private static final List<String> CATEGORIES =
            List.of(
                    "adj.all",
                    "adj.pert",
                    "adv.all",
                    "noun.Tops",
                    "noun.act",
                    "noun.animal",
                    "noun.artifact",
                    "noun.attribute",
                    "noun.body",
                    "noun.cognition",
                    "noun.communication",
                    "noun.event",
                    "noun.feeling",
                    "noun.food",
                    "noun.group",
                    "noun.location",
                    "noun.motive",
                    "noun.object",
                    "noun.person",
                    "noun.phenomenon",
                    "noun.plant",
                    "noun.possession",
                    "noun.process",
                    "noun.quantity",
                    "noun.relation",
                    "noun.shape",
                    "noun.state",
                    "noun.substance",
                    "noun.time",
                    "verb.body",
                    "verb.change",
                    "verb.cognition",
                    "verb.communication",
                    "verb.competition",
                    "verb.consumption",
                    "verb.contact",
                    "verb.creation",
                    "verb.emotion",
                    "verb.motion",
                    "verb.perception",
                    "verb.possession",
                    "verb.social",
                    "verb.stative",
                    "verb.weather",
                    "adj.ppl");

    private WordNetGlosses() {}

    /**
     * Reads all glosses.
     *
     * @return about 117,000 texts, in the order of the files
     * @throws IOException if the artifact cannot be read
     * @throws IllegalStateException if the artifact is not on the class path
     */
    public static List<LabelledText> load() throws IOException {
        ArtifactFiles files =
                ArtifactFiles.read(
                        DomainSource.dictionary(), WordNetGlosses.class.getClassLoader());
        List<LabelledText> glosses = new ArrayList<>();
        for (String file : files.contents()) {
            file.lines()
                    .filter(line -> !line.startsWith(" "))
                    .map(WordNetGlosses::gloss)
                    .forEach(glosses::add);
        }
        return glosses;
    }

    /**
     * Reads one line of a data file.
     *
     * @throws IllegalArgumentException if the line has no gloss or an unknown category
     */
    static LabelledText gloss(String line) {
        int mark = line.indexOf(GLOSS_MARK);
        String[] fields = line.split(" ", 3);
        int category = mark >= 0 && fields[1].matches("\\d{2}") ? Integer.parseInt(fields[1]) : -1;
        if (category < 0 || category >= CATEGORIES.size()) {
            throw new IllegalArgumentException(
                    "WordNet line without a gloss or a known lexicographer file: " + line);
        }
        String gloss = line.substring(mark + GLOSS_MARK.length());
        int examples = gloss.indexOf(EXAMPLES_MARK);
        String definition = examples > 0 ? gloss.substring(0, examples) : gloss;
        return new LabelledText(definition.strip(), CATEGORIES.get(category));
    }
}
