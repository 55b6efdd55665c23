package org.dataflex.examples.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BundledCorpusTest {

    private static final int MIN_TRAINING_BYTES = 300_000;

    /** Nats a byte pair. The closest pair, JavaScript and Java, is at 0.56. */
    private static final double MIN_DIVERGENCE = 0.5;

    private static final List<TextDomain> CORPUS = BundledCorpus.load();

    @Test
    void load_always_hasSixDomainsInOrderOfName() {
        assertEquals(
                List.of("dictionary", "java", "javascript", "json", "stylesheets", "timezones"),
                CORPUS.stream().map(TextDomain::name).toList());
    }

    @Test
    void load_always_givesEachDomainEnoughText() {
        for (TextDomain domain : CORPUS) {
            long training = bytes(domain.training());
            double heldOut =
                    bytes(domain.heldOut()) / (double) (training + bytes(domain.heldOut()));
            assertTrue(training >= MIN_TRAINING_BYTES, domain.name() + " has " + training);
            assertTrue(heldOut > 0.05 && heldOut < 0.15, domain.name() + " holds out " + heldOut);
        }
    }

    @Test
    void load_always_hasEachDocumentOnce() {
        Set<String> seen = new HashSet<>();
        for (TextDomain domain : CORPUS) {
            for (List<String> side : List.of(domain.training(), domain.heldOut())) {
                side.forEach(document -> assertTrue(seen.add(document), domain.name()));
            }
        }
    }

    @Test
    void load_twice_isEqual() {
        assertEquals(CORPUS, BundledCorpus.load());
    }

    @Test
    void load_withLimit_isABeginningOfTheWhole() {
        int limit = 200_000;
        List<TextDomain> small = BundledCorpus.load(limit);
        for (int i = 0; i < CORPUS.size(); i++) {
            TextDomain part = small.get(i);
            TextDomain whole = CORPUS.get(i);
            assertEquals(whole.training().subList(0, part.training().size()), part.training());
            assertEquals(whole.heldOut().subList(0, part.heldOut().size()), part.heldOut());
            long bytes = bytes(part.training()) + bytes(part.heldOut());
            assertTrue(bytes > 0.9 * limit && bytes <= limit, part.name() + " has " + bytes);
        }
    }

    @Test
    void load_smallestLimit_hasDocumentsOnBothSides() {
        for (TextDomain domain : BundledCorpus.load(BundledCorpus.MIN_BYTES_PER_DOMAIN)) {
            assertFalse(domain.training().isEmpty(), domain.name());
            assertFalse(domain.heldOut().isEmpty(), domain.name());
        }
    }

    @Test
    void load_limitTooSmall_throws() {
        assertThrows(IllegalArgumentException.class, () -> BundledCorpus.load(1_000));
    }

    @Test
    void load_always_givesDomainsThatDiffer() {
        List<BigramModel> models =
                CORPUS.stream().map(domain -> new BigramModel(domain.training())).toList();
        for (int i = 0; i < models.size(); i++) {
            for (int j = 0; j < models.size(); j++) {
                double divergence = models.get(i).divergenceFrom(models.get(j));
                String pair = CORPUS.get(i).name() + " from " + CORPUS.get(j).name();
                assertTrue(i == j || divergence > MIN_DIVERGENCE, pair + ": " + divergence);
            }
        }
    }

    @Test
    void source_always_namesJarAndLicence() {
        assertTrue(CORPUS.get(2).source().matches("lodash-[0-9.]+\\.jar, MIT"));
        assertEquals(CORPUS.size(), BundledCorpus.ATTRIBUTION.size());
    }

    private static long bytes(List<String> documents) {
        return documents.stream()
                .mapToLong(document -> document.getBytes(StandardCharsets.UTF_8).length)
                .sum();
    }
}
