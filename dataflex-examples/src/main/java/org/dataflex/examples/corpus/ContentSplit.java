package org.dataflex.examples.corpus;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.dataflex.math.Sha256;

/**
 * Puts each document on the training or the held-out side by the SHA-256 of its UTF-8 bytes.
 *
 * <p>The side depends on nothing but the document, so equal documents cannot end on both sides, and
 * a new version of an artifact moves no document that it kept. Documents are ordered by hash: any
 * prefix of a side is a fair sample of it.
 */
final class ContentSplit {

    /** One document in ten is held out. */
    static final int HELD_OUT_ONE_IN = 10;

    private final SortedMap<String, String> documentsByHash = new TreeMap<>();

    /** Adds a document unless an equal one was added before. */
    void add(String document) {
        documentsByHash.put(Sha256.of(document.getBytes(StandardCharsets.UTF_8)), document);
    }

    /**
     * Returns the training documents, in order, as long as they fit.
     *
     * @param maxBytes limit of their total size in UTF-8
     */
    List<String> training(int maxBytes) {
        return side(false, maxBytes);
    }

    /**
     * Returns the held-out documents, in order, as long as they fit.
     *
     * @param maxBytes limit of their total size in UTF-8
     */
    List<String> heldOut(int maxBytes) {
        return side(true, maxBytes);
    }

    private List<String> side(boolean heldOut, int maxBytes) {
        List<String> documents = new ArrayList<>();
        long bytes = 0;
        for (Map.Entry<String, String> entry : documentsByHash.entrySet()) {
            if (isHeldOut(entry.getKey()) == heldOut) {
                bytes += entry.getValue().getBytes(StandardCharsets.UTF_8).length;
                if (bytes > maxBytes) {
                    break;
                }
                documents.add(entry.getValue());
            }
        }
        return documents;
    }

    /** Decides by the last digits: the first ones decide the order. */
    private static boolean isHeldOut(String hash) {
        long tail = Long.parseLong(hash.substring(hash.length() - 8), 16);
        return tail % HELD_OUT_ONE_IN == 0;
    }
}
