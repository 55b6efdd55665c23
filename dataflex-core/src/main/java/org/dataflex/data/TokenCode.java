package org.dataflex.data;

/** One int a token: its id, with the high bit set where the token is not a target. */
final class TokenCode {

    private static final int NO_TARGET = 1 << 31;

    private TokenCode() {}

    static int id(int code) {
        return code & ~NO_TARGET;
    }

    static boolean isTarget(int code) {
        return (code & NO_TARGET) == 0;
    }

    /** Codes a sequence whose first tokens are no targets; {@code sequence} is its position. */
    static int[] encode(long sequence, int[] ids, int promptLength) {
        if (promptLength < 0 || promptLength > ids.length) {
            throw new IllegalArgumentException(
                    "sequence "
                            + sequence
                            + ": promptLength = "
                            + promptLength
                            + ", must be in [0, "
                            + ids.length
                            + "]");
        }
        int[] codes = checked(sequence, ids);
        for (int i = 0; i < promptLength; i++) {
            codes[i] |= NO_TARGET;
        }
        return codes;
    }

    /** Codes a sequence with a flag for each token; {@code sequence} is its position. */
    static int[] encode(long sequence, int[] ids, boolean[] isTarget) {
        if (isTarget.length != ids.length) {
            throw new IllegalArgumentException(
                    "sequence "
                            + sequence
                            + ": "
                            + ids.length
                            + " ids, but "
                            + isTarget.length
                            + " target flags");
        }
        int[] codes = checked(sequence, ids);
        for (int i = 0; i < codes.length; i++) {
            codes[i] |= isTarget[i] ? 0 : NO_TARGET;
        }
        return codes;
    }

    private static int[] checked(long sequence, int[] ids) {
        if (ids.length == 0) {
            throw new IllegalArgumentException("sequence " + sequence + " is empty");
        }
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0) {
                throw new IllegalArgumentException(
                        "sequence " + sequence + ": id[" + i + "] is negative: " + ids[i]);
            }
        }
        return ids.clone();
    }
}
