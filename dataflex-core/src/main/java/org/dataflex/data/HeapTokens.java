package org.dataflex.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Sequences in memory: 4 bytes a token, 8 bytes a sequence. Appended to, then sealed. */
final class HeapTokens implements TokenStorage {

    private static final int CHUNK_BITS = 18;
    private static final int CHUNK = 1 << CHUNK_BITS;

    /** All but the last are full; a sequence may run across chunks. */
    private final List<int[]> chunks = new ArrayList<>();

    /** Sequence i is the tokens from offsets[i] to offsets[i + 1]. */
    private long[] offsets = new long[16];

    private int size;
    private final TokenDigest digest = new TokenDigest();
    private String fingerprint;

    void append(int[] codes) {
        long from = offsets[size];
        for (int done = 0; done < codes.length; ) {
            int position = position(from + done);
            if (position == 0) {
                chunks.add(new int[CHUNK]);
            }
            int n = Math.min(codes.length - done, CHUNK - position);
            System.arraycopy(codes, done, chunk(from + done), position, n);
            done += n;
        }
        size++;
        if (size == offsets.length) {
            offsets = Arrays.copyOf(offsets, Math.multiplyExact(2, size));
        }
        offsets[size] = from + codes.length;
        digest.update(codes);
    }

    /** Gives back the room that was kept for more; nothing may be appended after. */
    HeapTokens seal() {
        if (size > 0) {
            int last = chunks.size() - 1;
            int used = position(offsets[size] - 1) + 1;
            chunks.set(last, Arrays.copyOf(chunks.get(last), used));
        }
        offsets = Arrays.copyOf(offsets, size + 1);
        fingerprint = TokenDigest.fingerprint(digest.hash(), size);
        return this;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public int length(long index) {
        int i = Math.toIntExact(index);
        return (int) (offsets[i + 1] - offsets[i]);
    }

    @Override
    public void read(long index, int[] target) {
        long from = offsets[Math.toIntExact(index)];
        int length = length(index);
        for (int done = 0; done < length; ) {
            int position = position(from + done);
            int n = Math.min(length - done, CHUNK - position);
            System.arraycopy(chunk(from + done), position, target, done, n);
            done += n;
        }
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public void close() {
        // there is no file
    }

    private int[] chunk(long token) {
        return chunks.get((int) (token >>> CHUNK_BITS));
    }

    private static int position(long token) {
        return (int) (token & (CHUNK - 1));
    }
}
