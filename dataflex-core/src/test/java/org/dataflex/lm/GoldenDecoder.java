package org.dataflex.lm;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.stream.StreamSupport;

/** The tiny models that tiny-models.py drew, one of each family. */
final class GoldenDecoder {

    private GoldenDecoder() {}

    /** Reads a file of this package. */
    static JsonNode read(String file) throws IOException {
        try (InputStream json = GoldenDecoder.class.getResourceAsStream(file)) {
            return new ObjectMapper().readTree(json);
        }
    }

    /** Makes the model of a golden file. */
    static CausalLm model(JsonNode golden, NDManager manager) {
        HuggingFaceConfig config =
                HuggingFaceConfigReader.read(Path.of("config.json"), golden.get("config"));
        CausalLm model = new CausalLm(config.decoder(), 1);
        for (Parameter parameter : model.getParameters().values()) {
            JsonNode weight = golden.get("weights").get(parameter.getName());
            parameter.setInitializer((m, shape, type) -> m.create(values(weight), shape(weight)));
        }
        model.initialize(manager, DataType.FLOAT32, shape(golden.get("input_ids")));
        return model;
    }

    static float[] values(JsonNode tensor) {
        JsonNode values = tensor.get("values");
        float[] floats = new float[values.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = values.get(i).floatValue();
        }
        return floats;
    }

    static Shape shape(JsonNode tensor) {
        return new Shape(
                StreamSupport.stream(tensor.get("shape").spliterator(), false)
                        .mapToLong(JsonNode::longValue)
                        .toArray());
    }
}
