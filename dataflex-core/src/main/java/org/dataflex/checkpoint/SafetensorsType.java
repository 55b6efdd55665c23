package org.dataflex.checkpoint;

import ai.djl.ndarray.types.DataType;

/** The number types of safetensors files that this library reads and writes. */
public enum SafetensorsType {
    /** Double precision. */
    F64(DataType.FLOAT64),
    /** Single precision. */
    F32(DataType.FLOAT32),
    /** Half precision. */
    F16(DataType.FLOAT16),
    /** The upper half of single precision; arrays of it exist only as {@code Bf16Array}. */
    BF16(DataType.BFLOAT16),
    /** Whole numbers of 64 bits. */
    I64(DataType.INT64),
    /** Whole numbers of 32 bits. */
    I32(DataType.INT32),
    /** Whole numbers of 8 bits. */
    I8(DataType.INT8),
    /** Whole numbers of 8 bits from 0 on. */
    U8(DataType.UINT8),
    /** Truth values, a byte each. */
    BOOL(DataType.BOOLEAN);

    private final DataType dataType;

    SafetensorsType(DataType dataType) {
        this.dataType = dataType;
    }

    /**
     * Returns the size of a number.
     *
     * @return bytes, 1 to 8
     */
    public int size() {
        return dataType.getNumOfBytes();
    }

    /**
     * Tells whether the numbers have fractions.
     *
     * @return whether this is one of the four floating types
     */
    public boolean isFloating() {
        return dataType.isFloating();
    }

    /**
     * Returns DJL's type; it cannot compute with that of {@link #BF16}.
     *
     * @return DJL's type
     */
    public DataType dataType() {
        return dataType;
    }

    /**
     * Finds the type of an array.
     *
     * @param dataType DJL's type
     * @return the type in files
     * @throws IllegalArgumentException if files have none for it
     */
    public static SafetensorsType of(DataType dataType) {
        for (SafetensorsType type : values()) {
            if (type.dataType == dataType) {
                return type;
            }
        }
        throw new IllegalArgumentException("no tensor of a file can be of type " + dataType);
    }
}
