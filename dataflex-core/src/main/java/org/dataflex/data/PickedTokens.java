package org.dataflex.data;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.dataflex.math.Sha256;

/** Some sequences of a storage, in an order of their own. */
final class PickedTokens implements TokenStorage {

    private final TokenStorage all;
    private final long[] positions;
    private final String fingerprint;

    PickedTokens(TokenStorage all, long[] positions) {
        this.all = all;
        this.positions = positions.clone();
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(Long.BYTES, positions.length));
        Arrays.stream(positions).forEach(bytes::putLong);
        String hash = new Sha256().update(bytes.flip()).hex();
        this.fingerprint =
                all.fingerprint() + " at " + TokenDigest.fingerprint(hash, positions.length);
    }

    @Override
    public long size() {
        return positions.length;
    }

    @Override
    public int length(long index) {
        return all.length(positions[Math.toIntExact(index)]);
    }

    @Override
    public void read(long index, int[] target) {
        all.read(positions[Math.toIntExact(index)], target);
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public void close() {
        all.close();
    }
}
