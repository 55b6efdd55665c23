package org.dataflex.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.dataflex.data.template.TokenEncoder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextTokenizerTest {

    private static Path directory() throws Exception {
        return Path.of(TextTokenizerTest.class.getResource("tiny-tokenizer/tokenizer.json").toURI())
                .getParent();
    }

    @Test
    void encodeAndDecode_areThoseOfPython() throws Exception {
        JsonNode golden;
        try (InputStream in = getClass().getResourceAsStream("tiny-tokenizer.json")) {
            golden = new ObjectMapper().readTree(in);
        }
        try (TextTokenizer tokenizer = TextTokenizer.open(directory())) {
            assertEquals(golden.path("vocabulary").asInt(), tokenizer.vocabularySize());
            for (JsonNode one : golden.path("cases")) {
                String text = one.path("text").asText();
                assertArrayEquals(ids(one.path("ids")), tokenizer.encode(text), text);
                assertArrayEquals(ids(one.path("plain")), tokenizer.encodePlain(text), text);
                assertEquals(one.path("decoded").asText(), tokenizer.decode(ids(one.path("ids"))));
            }
        }
    }

    private static int[] ids(JsonNode values) {
        return IntStream.range(0, values.size()).map(i -> values.get(i).asInt()).toArray();
    }

    @Test
    void encode_longText_isNotTruncated() throws Exception {
        try (TextTokenizer tokenizer = TextTokenizer.open(directory())) {
            String text = "x1y2".repeat(5_000);
            int[] ids = tokenizer.encode(text);
            assertTrue(ids.length > 10_000, "" + ids.length);
            assertEquals(text, tokenizer.decode(ids));
        }
    }

    /** A file that asks for truncation and padding is not obeyed. */
    @Test
    void encode_fileThatTruncates_isNotTruncated(@TempDir Path temporary) throws Exception {
        String json = Files.readString(directory().resolve("tokenizer.json"));
        Files.writeString(
                temporary.resolve("tokenizer.json"),
                json.replace(
                                "\"truncation\":null",
                                "\"truncation\":{\"direction\":\"Right\",\"max_length\":4,"
                                        + "\"strategy\":\"LongestFirst\",\"stride\":0}")
                        .replace(
                                "\"padding\":null",
                                "\"padding\":{\"strategy\":{\"Fixed\":64},\"direction\":\"Right\","
                                        + "\"pad_to_multiple_of\":null,\"pad_id\":1,"
                                        + "\"pad_type_id\":0,\"pad_token\":\"</s>\"}"));
        try (TextTokenizer plain = TextTokenizer.open(directory());
                TextTokenizer truncating = TextTokenizer.open(temporary)) {
            String text = "The quick brown fox jumps";
            assertArrayEquals(plain.encode(text), truncating.encode(text));
        }
    }

    @Test
    void encode_fromSeveralThreads_isTheSame() throws Exception {
        try (TextTokenizer tokenizer = TextTokenizer.open(directory())) {
            int[] expected = tokenizer.encode("int x = 0; // code");
            assertTrue(
                    IntStream.range(0, 200)
                            .parallel()
                            .mapToObj(i -> tokenizer.encode("int x = 0; // code"))
                            .allMatch(ids -> Arrays.equals(ids, expected)));
        }
    }

    /** DJL's own call, which builds everything that the native library knows, has the same ids. */
    @Test
    void idsAndEnds_ofManyTexts_areThoseOfTheWholeEncoding() throws Exception {
        long seed = 17;
        Random random = new Random(seed);
        try (TextTokenizer tokenizer = TextTokenizer.open(directory());
                HuggingFaceTokenizer whole =
                        HuggingFaceTokenizer.builder()
                                .optTokenizerPath(directory().resolve("tokenizer.json"))
                                .optTruncation(false)
                                .optPadding(false)
                                .build()) {
            for (int i = 0; i < 300; i++) {
                String text = randomText(random);
                String which = "seed " + seed + ", text " + i + ": " + text;
                Encoding plain = whole.encode(text, false, false);
                TokenEncoder.Located located = tokenizer.encodeLocated(text);
                assertArrayEquals(ints(plain), tokenizer.encodePlain(text), which);
                assertArrayEquals(ints(plain), located.ids(), which);
                assertArrayEquals(
                        ints(whole.encode(text, true, false)), tokenizer.encode(text), which);
                assertArrayEquals(ends(text, plain), located.ends(), which);
            }
        }
    }

    /** Words, spaces, special tokens and code points of one to four bytes. */
    private static String randomText(Random random) {
        String[] pieces = {
            "the ", "<s>", "</s>", " ", "\n", "int x=0;", "é", "日本", "😀", "x", "\0"
        };
        return random.ints(random.nextInt(40), 0, pieces.length)
                .mapToObj(i -> pieces[i])
                .collect(Collectors.joining());
    }

    private static int[] ints(Encoding encoding) {
        return Arrays.stream(encoding.getIds()).mapToInt(Math::toIntExact).toArray();
    }

    /** For each token the characters of the text up to its furthest end so far. */
    private static int[] ends(String text, Encoding encoding) {
        CharSpan[] spans = encoding.getCharTokenSpans();
        int[] ends = new int[spans.length];
        int furthest = 0;
        for (int i = 0; i < ends.length; i++) {
            furthest = Math.max(furthest, spans[i] == null ? 0 : spans[i].getEnd());
            ends[i] = text.offsetByCodePoints(0, furthest);
        }
        return ends;
    }

    @Test
    void encode_closedOrWithoutText_isRefused() throws Exception {
        TextTokenizer tokenizer = TextTokenizer.open(directory());
        assertThrows(NullPointerException.class, () -> tokenizer.encodePlain(null));
        tokenizer.close();
        assertThrows(IllegalStateException.class, () -> tokenizer.encode("closed"));
    }

    @Test
    void open_missingOrDamaged_namesTheFile(@TempDir Path temporary) throws Exception {
        Path file = temporary.resolve("tokenizer.json");
        assertEquals(
                file + " is missing; a model directory needs the tokenizer in this form",
                assertThrows(IOException.class, () -> TextTokenizer.open(temporary)).getMessage());
        for (String content : new String[] {"{", "{}", "[]", "garbage"}) {
            Files.writeString(file, content);
            String message =
                    assertThrows(IOException.class, () -> TextTokenizer.open(temporary))
                            .getMessage();
            assertTrue(message.startsWith(file + " is not a tokenizer: "), message);
            assertFalse(message.contains("Source"), message);
        }
        Files.writeString(file, "{\n");
        assertEquals(
                file
                        + " is not a tokenizer: it is no JSON: Unexpected end-of-input: expected"
                        + " close marker for Object, in line 2; get the file anew",
                assertThrows(IOException.class, () -> TextTokenizer.open(temporary)).getMessage());
    }

    @Test
    void open_damagedFileBesideIt_isNamed(@TempDir Path temporary) throws Exception {
        Files.copy(directory().resolve("tokenizer.json"), temporary.resolve("tokenizer.json"));
        Path beside = Files.writeString(temporary.resolve("tokenizer_config.json"), "{");
        String message =
                assertThrows(IOException.class, () -> TextTokenizer.open(temporary)).getMessage();
        assertTrue(message.contains(beside + " is no JSON: "), message);
        assertFalse(message.contains("Source"), message);
    }
}
