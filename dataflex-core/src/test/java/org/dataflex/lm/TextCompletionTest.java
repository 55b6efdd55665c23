package org.dataflex.lm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.dataflex.model.GenerationOptions;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeaks.class)
class TextCompletionTest {

    private static final String WORDS = "abcdefghijk"; // one a token

    private static final GenerationOptions OPTIONS =
            GenerationOptions.builder().setMaxNewTokens(6).optTemperature(1).optSeed(5).build();

    /** Words of one letter, each with its space; decoding drops that of the first. */
    private static void writeTokenizer(Path directory) throws Exception {
        String vocabulary =
                IntStream.range(0, WORDS.length())
                        .mapToObj(i -> "\"\u2581%s\":%d".formatted(WORDS.charAt(i), i))
                        .collect(Collectors.joining(","));
        String space =
                "{\"type\":\"Metaspace\",\"replacement\":\"\u2581\",\"prepend_scheme\":\"always\"}";
        Files.writeString(
                directory.resolve("tokenizer.json"),
                "{\"version\":\"1.0\",\"truncation\":null,\"padding\":null,\"added_tokens\":[],"
                        + "\"normalizer\":null,\"post_processor\":null,\"pre_tokenizer\":"
                        + space
                        + ",\"decoder\":"
                        + space
                        + ",\"model\":{\"type\":\"WordLevel\",\"unk_token\":\"\u2581a\",\"vocab\":{"
                        + vocabulary
                        + "}}}");
    }

    private static String text(int[] tokens) {
        return Arrays.stream(tokens)
                .mapToObj(token -> " " + WORDS.charAt(token))
                .collect(Collectors.joining());
    }

    @Test
    void complete_prompts_givesWhatComesAfterThem(@TempDir Path directory) throws Exception {
        writeTokenizer(directory);
        try (NDManager manager = NDManager.newBaseManager();
                TextTokenizer tokenizer = TextTokenizer.open(directory)) {
            CausalLm model = TinyLm.model(manager);
            manager.cap();
            List<int[]> tokens =
                    model.generate(
                            new ParameterStore(manager, false),
                            manager,
                            List.of(new int[] {2, 0, 1}, new int[] {7}),
                            OPTIONS);
            assertEquals(
                    tokens.stream().map(TextCompletionTest::text).toList(),
                    new TextCompletion(model, tokenizer).complete(List.of("c a b", "h"), OPTIONS));
        }
    }
}
