package org.dataflex.data.template;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.dataflex.checkpoint.JsonFault;
import org.dataflex.data.TextFiles;
import org.dataflex.data.format.Conversation;
import org.dataflex.data.template.TokenEncoder.Located;
import org.dataflex.math.Sha256;

/**
 * The model's own chat template, in Jinja, from its directory.
 *
 * <p>The whole conversation is rendered and encoded at once, so that the ids are those of
 * transformers' {@code apply_chat_template}. To know which of them are the response of a turn, the
 * conversation is also rendered up to each prompt (with {@code add_generation_prompt}) and up to
 * each response: the tokens between the ends of these two are the response's. A token that spans an
 * end belongs to what it begins before the end and reaches into. A template that renders such a
 * beginning otherwise than as a beginning of the whole, such as one that drops the thoughts of
 * earlier turns, is refused.
 *
 * <p>Needs {@code com.hubspot.jinjava:jinjava}, which this library does not bring by itself.
 */
public final class ChatTemplate implements Template {

    private final JinjaRendering jinja;
    private final TokenEncoder encoder;
    private final String fingerprint;

    private ChatTemplate(String template, TokenEncoder encoder) {
        this.jinja = new JinjaRendering(template);
        this.encoder = encoder;
        this.fingerprint = "chat template " + Sha256.of(template.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Opens the template of a model.
     *
     * @param directory holds {@code chat_template.jinja}, or {@code tokenizer_config.json} with a
     *     {@code chat_template}; of several by name the one named {@code default} is taken
     * @param encoder the model's tokenizer
     * @return the template
     * @throws IOException if the model has no chat template, or its files cannot be read
     * @throws IllegalStateException if Jinjava is not on the class path
     */
    public static ChatTemplate open(Path directory, TokenEncoder encoder) throws IOException {
        return find(directory, encoder)
                .orElseThrow(
                        () ->
                                new IOException(
                                        directory
                                                + " has no chat template, neither in"
                                                + " chat_template.jinja nor in"
                                                + " tokenizer_config.json; take a template by name: "
                                                + NamedTemplate.names()));
    }

    /**
     * Opens the template of a model that may have none.
     *
     * @param directory as for {@link #open}
     * @param encoder the model's tokenizer
     * @return the template, or empty if the model has none
     * @throws IOException if the model's files cannot be read
     * @throws IllegalStateException if Jinjava is not on the class path
     */
    public static Optional<ChatTemplate> find(Path directory, TokenEncoder encoder)
            throws IOException {
        return text(directory).map(template -> of(template, encoder));
    }

    /**
     * Makes a template.
     *
     * @param template its text, in Jinja
     * @param encoder the model's tokenizer
     * @return the template
     * @throws IllegalStateException if Jinjava is not on the class path
     */
    public static ChatTemplate of(String template, TokenEncoder encoder) {
        try {
            return new ChatTemplate(template, encoder);
        } catch (NoClassDefFoundError e) {
            throw new IllegalStateException(
                    "a chat template needs com.hubspot.jinjava:jinjava; add it to the dependencies,"
                            + " or take a template by name",
                    e);
        }
    }

    private static Optional<String> text(Path directory) throws IOException {
        Path file = directory.resolve("chat_template.jinja");
        if (Files.isRegularFile(file)) {
            return Optional.of(TextFiles.read(file));
        }
        Path config = directory.resolve("tokenizer_config.json");
        return Files.isRegularFile(config) ? text(config, json(config)) : Optional.empty();
    }

    private static Optional<String> text(Path config, JsonNode json) throws IOException {
        JsonNode found = json.path("chat_template");
        List<String> names = new ArrayList<>();
        for (JsonNode named : found) {
            names.add(named.path("name").asText());
            if (named.path("name").asText().equals("default")) {
                return Optional.ofNullable(named.path("template").textValue());
            }
        }
        if (!names.isEmpty()) {
            throw new IOException(
                    "%s has the chat templates %s, and none named default; name one so, or leave them out"
                            .formatted(config, names));
        }
        return Optional.ofNullable(found.textValue());
    }

    private static JsonNode json(Path file) throws IOException {
        try {
            return new ObjectMapper().readTree(file.toFile());
        } catch (JsonProcessingException e) {
            throw new IOException(file + " is no JSON: " + JsonFault.withLine(e), e);
        }
    }

    @Override
    public List<EncodedTurn> encode(Conversation conversation) {
        List<Map<String, Object>> messages = messages(conversation);
        String whole = render(messages, false);
        Located located = encoder.encodeLocated(whole);
        List<EncodedTurn> turns = new ArrayList<>();
        int first = conversation.system().isEmpty() ? 0 : 1;
        int start = 0;
        for (int i = first; i < messages.size(); i += 2) {
            int prompt = tokens(located, prefix(messages, i + 1, whole));
            int response =
                    i + 2 == messages.size()
                            ? located.ids().length
                            : tokens(located, prefix(messages, i + 2, whole));
            turns.add(
                    new EncodedTurn(
                            Arrays.copyOfRange(located.ids(), start, prompt),
                            Arrays.copyOfRange(located.ids(), prompt, response)));
            start = response;
        }
        return turns;
    }

    private static List<Map<String, Object>> messages(Conversation conversation) {
        List<Map<String, Object>> messages = new ArrayList<>();
        if (!conversation.system().isEmpty()) {
            messages.add(message("system", conversation.system()));
        }
        for (Conversation.Turn turn : conversation.turns()) {
            messages.add(message("user", turn.prompt()));
            messages.add(message("assistant", turn.response()));
        }
        return messages;
    }

    private static Map<String, Object> message(String role, String content) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("role", role);
        message.put("content", content);
        return message;
    }

    /** The length of what the first n messages are rendered to, which must begin the whole. */
    private int prefix(List<Map<String, Object>> messages, int n, String whole) {
        boolean endsWithPrompt = messages.get(n - 1).get("role").equals("user");
        String prefix = render(messages.subList(0, n), endsWithPrompt);
        if (!whole.startsWith(prefix)) {
            throw new IllegalArgumentException(
                    "the model's chat template renders the first "
                            + n
                            + " messages otherwise when others follow, so that its targets cannot"
                            + " be told; take a template by name, or conversations of one turn");
        }
        return prefix.length();
    }

    /** How many tokens end at or before a character. */
    private static int tokens(Located located, int end) {
        int n = 0;
        while (n < located.ends().length && located.ends()[n] <= end) {
            n++;
        }
        return n;
    }

    private String render(List<Map<String, Object>> messages, boolean addGenerationPrompt) {
        Map<String, Object> variables = new HashMap<>();
        variables.put("messages", new ArrayList<>(messages));
        variables.put("add_generation_prompt", addGenerationPrompt);
        variables.put("bos_token", encoder.bosToken().orElse(""));
        variables.put("eos_token", encoder.eosToken().orElse(""));
        return jinja.render(variables);
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }
}
