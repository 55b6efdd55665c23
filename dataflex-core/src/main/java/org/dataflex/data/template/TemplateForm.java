package org.dataflex.data.template;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * What a named template puts around texts; read from {@code templates.json}.
 *
 * @param prefix what a conversation starts with
 * @param system around the system prompt
 * @param user around the user's words
 * @param assistant around the response
 * @param defaultSystem the system prompt of a conversation that has none; may be empty
 * @param systemInUser whether the system prompt stands within the first turn's {@code user}
 * @param tokens the tokens that the tokenizer must keep in one piece
 */
record TemplateForm(
        List<Slot> prefix,
        List<Slot> system,
        List<Slot> user,
        List<Slot> assistant,
        String defaultSystem,
        boolean systemInUser,
        List<String> tokens) {

    static final String CONTENT = "{{content}}";

    private static final List<Slot> PLAIN = List.of(new Slot(CONTENT, false));
    private static final List<Slot> ENDED = List.of(PLAIN.get(0), new Slot("eos", true));

    /**
     * A piece that is encoded by itself.
     *
     * @param text its text, perhaps with a place for the content; or the special token's name
     * @param isSpecial whether it is the special token {@code bos} or {@code eos}
     */
    record Slot(String text, boolean isSpecial) {}

    static TemplateForm of(JsonNode json) {
        List<String> tokens = new ArrayList<>();
        json.path("tokens").forEach(token -> tokens.add(token.asText()));
        return new TemplateForm(
                slots(json.path("prefix"), List.of()),
                slots(json.path("system"), PLAIN),
                slots(json.path("user"), PLAIN),
                slots(json.path("assistant"), ENDED),
                json.path("defaultSystem").asText(""),
                json.path("systemInUser").asBoolean(false),
                tokens);
    }

    private static List<Slot> slots(JsonNode json, List<Slot> otherwise) {
        List<Slot> slots = new ArrayList<>();
        for (JsonNode slot : json) {
            boolean isSpecial = slot.isObject();
            slots.add(
                    new Slot(isSpecial ? slot.get("special").asText() : slot.asText(), isSpecial));
        }
        return json.isMissingNode() ? otherwise : slots;
    }

    /** Whether any of the pieces is this special token. */
    boolean uses(String special) {
        Slot slot = new Slot(special, true);
        return prefix.contains(slot)
                || system.contains(slot)
                || user.contains(slot)
                || assistant.contains(slot);
    }
}
