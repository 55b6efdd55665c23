package org.dataflex.data;

/** Where coded sequences (see {@link TokenCode}) live; reading is safe from several threads. */
interface TokenStorage {

    /** The number of sequences. */
    long size();

    /** The tokens of a sequence, at least 1; {@code index} is in [0, size). */
    int length(long index);

    /** Copies the coded tokens of a sequence to the start of an array that is long enough. */
    void read(long index, int[] target);

    /** A text that differs where the content does. */
    String fingerprint();

    /** Lets go of the file, if there is one. */
    void close();
}
