package org.dataflex.data.store;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dataflex.data.TokenSequences;

/**
 * The sets of a {@link PreparedData} while they are collected.
 *
 * @param training what is trained on, by domain
 * @param validation what is held out, by domain
 * @param targets target sets by dataset
 * @param evaluation evaluation sets by dataset
 * @param tallies what became of the rows, by dataset
 * @param sources the SHA-256 of each file
 * @param open all that is to be closed
 */
record PreparedSets(
        Map<String, TokenSequences> training,
        Map<String, TokenSequences> validation,
        Map<String, TokenSequences> targets,
        Map<String, TokenSequences> evaluation,
        Map<String, DatasetTally> tallies,
        Map<Path, String> sources,
        List<TokenSequences> open) {

    PreparedSets() {
        this(
                new LinkedHashMap<>(),
                new LinkedHashMap<>(),
                new LinkedHashMap<>(),
                new LinkedHashMap<>(),
                new LinkedHashMap<>(),
                new LinkedHashMap<>(),
                new ArrayList<>());
    }
}
