package org.dataflex.lm;

import ai.djl.ndarray.types.Shape;

/**
 * What a safetensors file says of one tensor.
 *
 * @param name the tensor's name
 * @param type what the numbers are
 * @param shape how they are arranged; a scalar has no sizes
 * @param start where the first number lies, in bytes after the header
 */
public record SafetensorsEntry(String name, SafetensorsType type, Shape shape, long start) {

    /**
     * Returns how many numbers there are.
     *
     * @return the product of the sizes, 1 for a scalar
     */
    public long numValues() {
        return shape.size();
    }

    /**
     * Returns the size in the file.
     *
     * @return bytes
     */
    public long byteSize() {
        return numValues() * type.size();
    }

    /**
     * Returns where the next tensor begins.
     *
     * @return bytes after the header
     */
    long end() {
        return start + byteSize();
    }
}
