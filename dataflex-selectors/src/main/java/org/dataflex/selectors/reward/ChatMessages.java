package org.dataflex.selectors.reward;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;

/** The messages of a chat that rates answers, in OpenAI's form. */
final class ChatMessages {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String INSTRUCTION =
            "You rate how well an answer solves a task. Reply with one number from 0 (useless or"
                    + " wrong) to 1 (fully right), and nothing else.";

    private ChatMessages() {}

    /** The body of a request. */
    static String request(String model, Answer answer) {
        ObjectNode body = JSON.createObjectNode().put("model", model).put("temperature", 0);
        ArrayNode messages = body.putArray("messages");
        messages.addObject().put("role", "system").put("content", INSTRUCTION);
        messages.addObject().put("role", "user").put("content", question(answer));
        return body.toString();
    }

    private static String question(Answer answer) {
        String reference =
                answer.reference() == null ? "" : "\n\nRight answer:\n" + answer.reference();
        return "Task:\n" + answer.prompt() + reference + "\n\nAnswer to rate:\n" + answer.text();
    }

    /** The text of a response. */
    static String content(URI uri, String body) {
        JsonNode content;
        try {
            content = JSON.readTree(body).path("choices").path(0).path("message").path("content");
        } catch (JsonProcessingException e) {
            throw nonsense(uri, body, e);
        }
        if (!content.isTextual()) {
            throw nonsense(uri, body, null);
        }
        return content.asText();
    }

    private static IllegalStateException nonsense(URI uri, String body, Exception cause) {
        return new IllegalStateException(
                "reward endpoint "
                        + Address.of(uri)
                        + " answered '"
                        + Excerpt.of(body)
                        + "', must be a chat completion with choices[0].message.content",
                cause);
    }
}
