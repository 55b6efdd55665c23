package org.dataflex.data.template;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.dataflex.data.format.Conversation;
import org.dataflex.data.format.Conversation.Turn;
import org.dataflex.data.template.TemplateForm.Slot;
import org.dataflex.math.Sha256;

/**
 * A template by name, as LLaMA-Factory knows it: what is put around the system prompt, the user's
 * words and the response.
 *
 * <p>The pieces are encoded one by one, as there, so that ids are the same. What they are is data:
 * {@code templates.json} beside this class.
 */
public final class NamedTemplate implements Template {

    private static final TreeMap<String, TemplateForm> FORMS = read();

    private final String name;
    private final TemplateForm form;
    private final String defaultSystem;
    private final TokenEncoder encoder;

    private NamedTemplate(String name, String defaultSystem, TokenEncoder encoder) {
        this.name = name;
        this.form = FORMS.get(name);
        this.defaultSystem = defaultSystem;
        this.encoder = encoder;
    }

    private static TreeMap<String, TemplateForm> read() {
        try (InputStream in = NamedTemplate.class.getResourceAsStream("templates.json")) {
            TreeMap<String, TemplateForm> forms = new TreeMap<>();
            for (var entry : new ObjectMapper().readTree(in).properties()) {
                JsonNode json = entry.getValue();
                forms.put(entry.getKey(), TemplateForm.of(json));
            }
            return forms;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Returns the names of all templates.
     *
     * @return the names, sorted
     */
    public static List<String> names() {
        return List.copyOf(FORMS.keySet());
    }

    /**
     * Finds a template.
     *
     * @param name its name
     * @param encoder the model's tokenizer
     * @return the template
     * @throws IllegalArgumentException if there is no such template, or the tokenizer lacks tokens
     *     that it needs: such a model was not taught it; the message names them
     */
    public static NamedTemplate of(String name, TokenEncoder encoder) {
        TemplateForm form = FORMS.get(name);
        if (form == null) {
            throw new IllegalArgumentException(
                    "there is no template named '" + name + "'; there are " + names());
        }
        List<String> missing = new ArrayList<>();
        for (String token : form.tokens()) {
            if (encoder.addedToken(token).isEmpty()) {
                missing.add(token);
            }
        }
        for (String special : List.of("bos", "eos")) {
            if (form.uses(special) && special(encoder, special) < 0) {
                missing.add(special + "_token");
            }
        }
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException(
                    "template '"
                            + name
                            + "' is not this model's: its tokenizer lacks "
                            + missing
                            + "; take the model's own template, or one of other tokens");
        }
        return new NamedTemplate(name, form.defaultSystem(), encoder);
    }

    /**
     * Returns this template with another system prompt for conversations that have none.
     *
     * @param system the prompt; empty for none
     * @return the template
     */
    public NamedTemplate withDefaultSystem(String system) {
        return new NamedTemplate(name, system, encoder);
    }

    @Override
    public List<EncodedTurn> encode(Conversation conversation) {
        List<EncodedTurn> turns = new ArrayList<>();
        for (Turn turn : conversation.turns()) {
            int[] prompt =
                    turns.isEmpty()
                            ? opening(conversation.system(), turn.prompt())
                            : apply(form.user(), turn.prompt());
            turns.add(new EncodedTurn(prompt, apply(form.assistant(), turn.response())));
        }
        return turns;
    }

    /** All that stands before the first response. */
    private int[] opening(String given, String prompt) {
        String system = given.isEmpty() ? defaultSystem : given;
        int[] prefix = apply(form.prefix(), "");
        if (system.isEmpty()) {
            return join(prefix, apply(form.user(), prompt));
        }
        if (form.systemInUser()) {
            String around = form.system().get(0).text();
            String filled = around.replace(TemplateForm.CONTENT, system);
            return join(prefix, apply(form.user(), filled + prompt));
        }
        return join(join(prefix, apply(form.system(), system)), apply(form.user(), prompt));
    }

    private int[] apply(List<Slot> slots, String content) {
        int[] ids = {};
        for (Slot slot : slots) {
            ids = join(ids, slot.isSpecial() ? bosOrEos(slot) : plain(slot, content));
        }
        return ids;
    }

    private int[] bosOrEos(Slot slot) {
        return new int[] {special(encoder, slot.text())};
    }

    private int[] plain(Slot slot, String content) {
        String text = slot.text().replace(TemplateForm.CONTENT, content);
        return text.isEmpty() ? new int[0] : encoder.encodePlain(text);
    }

    /** The id of a special token, or -1. */
    private static int special(TokenEncoder encoder, String name) {
        return (name.equals("bos") ? encoder.bosToken() : encoder.eosToken())
                .map(encoder::addedToken)
                .map(id -> id.orElse(-1))
                .orElse(-1);
    }

    private static int[] join(int[] first, int[] second) {
        return IntStream.concat(Arrays.stream(first), Arrays.stream(second)).toArray();
    }

    @Override
    public String fingerprint() {
        String around = form.toString();
        return name + " " + Sha256.of(around.getBytes(StandardCharsets.UTF_8)) + defaultSystem;
    }
}
