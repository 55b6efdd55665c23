package org.dataflex.data.template;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.dataflex.data.format.Conversation;
import org.dataflex.data.format.Conversation.Turn;
import org.dataflex.data.template.Template.EncodedTurn;
import org.dataflex.lm.TextTokenizer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Token ids equal transformers' and LLaMA-Factory's; see {@code template-ids.py} in the resources.
 */
class TemplateGoldenTest {

    static final Path RESOURCES = Path.of("src/test/resources/org/dataflex/data/template");

    private static final Map<String, TextTokenizer> TOKENIZERS = new HashMap<>();
    private static JsonNode golden;

    @BeforeAll
    static void open() throws IOException {
        for (String name : List.of("byte-level", "sentence-piece")) {
            TOKENIZERS.put(name, TextTokenizer.open(RESOURCES.resolve(name)));
        }
        golden = new ObjectMapper().readTree(RESOURCES.resolve("template-ids.json").toFile());
    }

    @AfterAll
    static void close() {
        TOKENIZERS.values().forEach(TextTokenizer::close);
        TOKENIZERS.clear();
    }

    @Test
    void chatTemplates_giveTheIdsOfTransformers() throws IOException {
        int refused = 0;
        for (JsonNode one : golden.get("chat")) {
            String name = one.get("template").asText();
            ChatTemplate template = chat(name, one.get("tokenizer").asText());
            Conversation conversation = conversation(one);
            if (name.equals("reasoning") && conversation.turns().size() > 1) {
                refused++; // earlier turns lose their thoughts, which is tested below
                continue;
            }
            List<EncodedTurn> turns = template.encode(conversation);
            assertArrayEquals(ids(one.get("ids")), joined(turns), name + " " + conversation);
        }
        assertEquals(2, refused);
    }

    @Test
    void chatTemplates_targetsAreTheResponsesAndWhatEndsThem() throws IOException {
        for (JsonNode one : golden.get("chat")) {
            if (one.get("template").asText().equals("reasoning")) {
                continue;
            }
            TextTokenizer tokenizer = TOKENIZERS.get(one.get("tokenizer").asText());
            List<EncodedTurn> turns =
                    chat(one.get("template").asText(), one.get("tokenizer").asText())
                            .encode(conversation(one));
            String whole = one.get("text").asText();
            String lastPrompt = one.get("lastPrompt").asText();
            assertTrue(whole.startsWith(lastPrompt));
            int[] last = turns.get(turns.size() - 1).response();
            int[] all = tokenizer.encodeLocated(whole).ends();
            int before = all.length - last.length - 1;
            assertTrue(all[before] <= lastPrompt.length() && all[before + 1] > lastPrompt.length());
        }
    }

    @Test
    void chatTemplate_thatRewritesEarlierTurns_isRefused() throws IOException {
        Conversation two =
                new Conversation(
                        "",
                        List.of(new Turn("a", "<think>\nlong\n</think>\n\nb"), new Turn("c", "d")));
        ChatTemplate template = chat("reasoning", "byte-level");
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> template.encode(two));
        assertEquals(
                "the model's chat template renders the first 2 messages otherwise when others"
                        + " follow, so that its targets cannot be told; take a template by name, or"
                        + " conversations of one turn",
                e.getMessage());
    }

    @Test
    void chatTemplate_thatRaises_isRefusedInItsWords() {
        ChatTemplate template =
                ChatTemplate.of("{{ raise_exception('no system') }}", TOKENIZERS.get("byte-level"));
        IllegalArgumentException e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> template.encode(Conversation.of("a", "b")));
        assertTrue(
                e.getMessage().startsWith("the chat template cannot be rendered: ")
                        && e.getMessage().contains("no system"),
                e::getMessage);
    }

    @Test
    void namedTemplates_giveTheIdsOfLlamaFactory() {
        for (JsonNode one : golden.get("named")) {
            String name = one.get("template").asText();
            TextTokenizer tokenizer = TOKENIZERS.get(one.get("tokenizer").asText());
            Conversation conversation = conversation(one);
            List<EncodedTurn> turns = NamedTemplate.of(name, tokenizer).encode(conversation);
            assertEquals(one.get("turns").size(), turns.size());
            for (int i = 0; i < turns.size(); i++) {
                JsonNode expected = one.get("turns").get(i);
                assertArrayEquals(ids(expected.get(0)), turns.get(i).prompt(), name);
                assertArrayEquals(ids(expected.get(1)), turns.get(i).response(), name);
            }
        }
    }

    @Test
    void pythonStrings_andJson_areThoseOfPython() throws IOException {
        assertEquals("b|c|", render("{{ 'a-b|c|'.split('-')[-1] }}"));
        assertEquals("xa", render("{{ ' xa\\n'.strip() }}"));
        assertEquals("True Case", render("{{ 'tRUE case'.title() }}"));
        assertEquals("True case", render("{{ 'tRUE case'.capitalize() }}"));
        assertEquals("b", render("{{ 'xxbxx'.strip('x') }}"));
        assertEquals("ab", render("{{ 'a b'.split() | join('') }}"));
        assertEquals("2 1", render("{{ 'abcb'.count('b') }} {{ 'abcb'.find('b') }}"));
        assertEquals(
                "{\"a\": [1, \"é\"], \"b\": {}}",
                render("{{ {'a': [1, 'é'], 'b': {} } | tojson }}"));
        assertEquals(
                "{\n  \"a\": [\n    1,\n    2\n  ]\n}",
                render("{{ {'a': [1, 2]} | tojson(indent=2) }}"));
    }

    private static String render(String template) {
        return new JinjaRendering(template).render(Map.of());
    }

    private static ChatTemplate chat(String name, String tokenizer) throws IOException {
        Path file = RESOURCES.resolve("chat-templates").resolve(name + ".jinja");
        return ChatTemplate.of(Files.readString(file), TOKENIZERS.get(tokenizer));
    }

    private static Conversation conversation(JsonNode one) {
        JsonNode json = one.get("conversation");
        List<Turn> turns = new ArrayList<>();
        for (JsonNode turn : json.get("turns")) {
            turns.add(new Turn(turn.get(0).asText(), turn.get(1).asText()));
        }
        return new Conversation(json.get("system").asText(), turns);
    }

    private static int[] ids(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
    }

    private static int[] joined(List<EncodedTurn> turns) {
        return turns.stream()
                .flatMapToInt(
                        turn ->
                                IntStream.concat(
                                        IntStream.of(turn.prompt()), IntStream.of(turn.response())))
                .toArray();
    }
}
