package org.dataflex.checkpoint;

import ai.djl.ndarray.types.Shape;

/**
 * What a safetensors file says of one tensor.
 *
 * @param name the tensor's name
 * @param type what the numbers are
 * @param shape how they are arranged; a scalar has no sizes
 * @param start where the first number lies, in bytes after the header
 */
record SafetensorsEntry(String name, SafetensorsType type, Shape shape, long start) {

    /** Where the next tensor begins, in bytes after the header. */
    long end() {
        return start + shape.size() * type.size();
    }
}
