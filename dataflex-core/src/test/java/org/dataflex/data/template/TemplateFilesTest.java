package org.dataflex.data.template;

import static org.dataflex.math.Rejection.assertRejected;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dataflex.data.format.Conversation;
import org.dataflex.lm.TextTokenizer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a model's template is found, and what is said where there is none that fits. */
class TemplateFilesTest {

    private static final String TEMPLATE =
            "{% for message in messages %}{{ message.content }};{% endfor %}";
    private static final String IN_JSON = "\"" + TEMPLATE + "\"";

    @TempDir private Path model;
    private TextTokenizer tokenizer;

    @BeforeEach
    void open() throws IOException {
        tokenizer = TextTokenizer.open(TemplateGoldenTest.RESOURCES.resolve("byte-level"));
    }

    @AfterEach
    void close() {
        tokenizer.close();
    }

    private void write(String file, String text) throws IOException {
        Files.writeString(model.resolve(file), text);
    }

    private void assertFound() throws IOException {
        Template.EncodedTurn turn =
                ChatTemplate.open(model, tokenizer).encode(Conversation.of("a", "b")).get(0);
        assertArrayEquals(tokenizer.encodePlain("a;"), turn.prompt());
        assertArrayEquals(tokenizer.encodePlain("b;"), turn.response());
    }

    @Test
    void chatTemplate_inItsOwnFile_goesBeforeTheConfigurations() throws IOException {
        write("chat_template.jinja", TEMPLATE);
        write("tokenizer_config.json", "{\"chat_template\": \"other\"}");
        assertFound();
    }

    @Test
    void chatTemplate_ofTheConfiguration_isFound_alone_andAmongNamedOnes() throws IOException {
        write("tokenizer_config.json", "{\"chat_template\": " + IN_JSON + "}");
        assertFound();
        write(
                "tokenizer_config.json",
                "{\"chat_template\": [{\"name\": \"tools\", \"template\": \"other\"},"
                        + " {\"name\": \"default\", \"template\": "
                        + IN_JSON
                        + "}]}");
        assertFound();
    }

    @Test
    void namedTemplates_withoutADefault_areRefused() throws IOException {
        write(
                "tokenizer_config.json",
                "{\"chat_template\": [{\"name\": \"tools\", \"template\": \"a\"},"
                        + " {\"name\": \"rag\", \"template\": \"b\"}]}");
        assertEquals(
                model.resolve("tokenizer_config.json")
                        + " has the chat templates [tools, rag], and none named default; name one"
                        + " so, or leave them out",
                assertThrows(IOException.class, () -> ChatTemplate.open(model, tokenizer))
                        .getMessage());
    }

    @Test
    void modelWithoutAChatTemplate_isRefused_withTheTemplatesByName() throws IOException {
        String expected =
                model
                        + " has no chat template, neither in chat_template.jinja nor in"
                        + " tokenizer_config.json; take a template by name: "
                        + NamedTemplate.names();
        for (String config : new String[] {null, "{}", "{\"chat_template\": []}"}) {
            if (config != null) {
                write("tokenizer_config.json", config);
            }
            IOException refused =
                    assertThrows(IOException.class, () -> ChatTemplate.open(model, tokenizer));
            assertEquals(expected, refused.getMessage());
            assertTrue(ChatTemplate.find(model, tokenizer).isEmpty());
        }
    }

    @Test
    void configurationThatIsNoJson_isNamedWithItsLine() throws IOException {
        write("tokenizer_config.json", "{\n\"a\": 1");
        IOException refused =
                assertThrows(IOException.class, () -> ChatTemplate.open(model, tokenizer));
        assertEquals(
                model.resolve("tokenizer_config.json")
                        + " is no JSON: Unexpected end-of-input: expected close marker for Object,"
                        + " in line 2",
                refused.getMessage());
    }

    @Test
    void namedTemplate_thatIsUnknown_orAnotherModels_isRefused() {
        assertRejected(
                "there is no template named 'llama9'; there are " + NamedTemplate.names(),
                () -> NamedTemplate.of("llama9", new ByteEncoder()));
        assertRejected(
                "template 'chatml' is not this model's: its tokenizer lacks [<|im_start|>,"
                        + " <|im_end|>]; take the model's own template, or one of other tokens",
                () -> NamedTemplate.of("chatml", new ByteEncoder()));
    }
}
