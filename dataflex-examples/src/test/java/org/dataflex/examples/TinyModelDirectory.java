package org.dataflex.examples;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dataflex.checkpoint.SafetensorsType;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.DecoderConfig;
import org.dataflex.lm.HuggingFaceConfig;
import org.dataflex.lm.WeightFilesWriter;

/**
 * Writes a model directory small enough for a test: random weights, a tokenizer of characters and
 * {@code </s>}.
 */
public final class TinyModelDirectory {

    private static final String CHARACTERS = " abcdefghijklmnopqrstuvwxyz0123456789\\n";

    private TinyModelDirectory() {}

    public static void write(Path directory) throws IOException {
        DecoderConfig config =
                DecoderConfig.builder()
                        .setVocabularySize(64)
                        .setHiddenSize(16)
                        .setNumLayers(2)
                        .setNumHeads(2)
                        .build();
        try (Model model = Model.newInstance("tiny")) {
            CausalLm decoder = new CausalLm(config, 1);
            decoder.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 4));
            WeightFilesWriter.of(SafetensorsType.F32).write(directory, decoder);
        }
        HuggingFaceConfig.of(config).write(directory.resolve("config.json"));
        Files.writeString(directory.resolve("tokenizer.json"), tokenizer());
        Files.writeString(directory.resolve("tokenizer_config.json"), "{\"eos_token\": \"</s>\"}");
    }

    private static String tokenizer() {
        StringBuilder vocabulary = new StringBuilder("\"?\":0");
        int id = 1;
        for (int i = 0; i < CHARACTERS.length(); i++) {
            String character = CHARACTERS.substring(i, i + 1);
            if (character.equals("\\")) {
                character = CHARACTERS.substring(i, ++i + 1);
            }
            vocabulary.append(",\"").append(character).append("\":").append(id++);
        }
        return "{\"version\":\"1.0\",\"truncation\":null,\"padding\":null,\"added_tokens\":[{"
                + "\"id\":63,\"content\":\"</s>\",\"special\":true,\"normalized\":false,"
                + "\"single_word\":false,\"lstrip\":false,\"rstrip\":false}],"
                + "\"normalizer\":null,\"pre_tokenizer\":null,\"post_processor\":null,"
                + "\"decoder\":{\"type\":\"Fuse\"},\"model\":{\"type\":\"BPE\",\"unk_token\":\"?\","
                + "\"merges\":[],\"vocab\":{"
                + vocabulary
                + "}}}";
    }
}
