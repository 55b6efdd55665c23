package org.dataflex.optim;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;

/** Reads expected values that the Python scripts beside the files wrote. */
final class Golden {

    private Golden() {}

    static JsonNode read(String file) throws IOException {
        try (InputStream in = Golden.class.getResourceAsStream(file)) {
            return new ObjectMapper().readTree(in);
        }
    }

    static float[] floats(JsonNode array) {
        float[] values = new float[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).floatValue();
        }
        return values;
    }
}
