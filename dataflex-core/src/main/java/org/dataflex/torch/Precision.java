package org.dataflex.torch;

/** The type in which a matrix product is computed; sums of products are float32 in both. */
public enum Precision {
    /** 32 bits, of which 24 are the number's. */
    FLOAT32(6),
    /** 16 bits with float32's range, of which 8 are the number's. */
    BFLOAT16(15);

    private final int torchType;

    Precision(int torchType) {
        this.torchType = torchType;
    }

    int torchType() {
        return torchType;
    }
}
