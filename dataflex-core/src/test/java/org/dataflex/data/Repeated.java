package org.dataflex.data;

/** A pool larger than any memory: the only token of a sequence is its position, as an int. */
record Repeated(long size) implements TokenStorage {

    @Override
    public int length(long index) {
        return 1;
    }

    @Override
    public void read(long index, int[] target) {
        target[0] = (int) index & Integer.MAX_VALUE;
    }

    @Override
    public String fingerprint() {
        return "repeated";
    }

    @Override
    public void close() {
        // nothing to close
    }
}
