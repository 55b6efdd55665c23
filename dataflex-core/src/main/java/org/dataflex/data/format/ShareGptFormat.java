package org.dataflex.data.format;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.dataflex.data.format.Conversation.Turn;

/** Rows of messages: perhaps one of the system, then user and assistant in turn. */
record ShareGptFormat(DatasetLayout layout) implements RowFormat {

    @Override
    public TextSample sample(JsonNode row) {
        String column = layout.column("messages");
        if (!row.path(column).isArray()) {
            RowFormat.requireText(row, layout, "messages"); // says what is there instead
            throw new IllegalArgumentException("column '" + column + "' is not a list of messages");
        }
        List<JsonNode> messages = new ArrayList<>();
        row.get(column).forEach(messages::add);
        String system = RowFormat.optionalText(row, layout, "system");
        int first = 0;
        if (!messages.isEmpty() && role(messages.get(0), 1).equals(layout.tag("system_tag"))) {
            system = content(messages.get(0), 1);
            first = 1;
        }
        return new Conversation(system, turns(messages, first));
    }

    private List<Turn> turns(List<JsonNode> messages, int first) {
        List<Turn> turns = new ArrayList<>();
        for (int i = first; i < messages.size(); i += 2) {
            requireRole(messages, i, "user_tag");
            requireRole(messages, i + 1, "assistant_tag");
            String response = content(messages.get(i + 1), i + 2);
            if (response.isEmpty()) {
                throw new IllegalArgumentException(
                        name(i + 2) + " is empty; fill it or leave the row out");
            }
            turns.add(new Turn(content(messages.get(i), i + 1), response));
        }
        if (turns.isEmpty()) {
            throw new IllegalArgumentException(
                    "column '" + layout.column("messages") + "' has no messages to learn from");
        }
        return turns;
    }

    private void requireRole(List<JsonNode> messages, int i, String expected) {
        String tag = layout.tag(expected);
        if (i == messages.size()) {
            throw new IllegalArgumentException(
                    name(i)
                            + " is the last and not of '"
                            + tag
                            + "'; a conversation ends with one");
        }
        String role = role(messages.get(i), i + 1);
        if (!role.equals(tag)) {
            throw new IllegalArgumentException(
                    name(i + 1)
                            + " is of '"
                            + role
                            + "' where '"
                            + tag
                            + "' is due; roles take turns, and tags."
                            + expected
                            + " names this one");
        }
    }

    private String role(JsonNode message, int number) {
        return field(message, number, "role_tag");
    }

    private String content(JsonNode message, int number) {
        return field(message, number, "content_tag");
    }

    private String field(JsonNode message, int number, String key) {
        String field = layout.tag(key);
        if (!message.hasNonNull(field)) {
            throw new IllegalArgumentException(
                    name(number) + " has no '" + field + "'; name the right field as tags." + key);
        }
        return RowFormat.text(message.get(field), name(number) + ", '" + field + "',");
    }

    private String name(int number) {
        return "column '" + layout.column("messages") + "', message " + number;
    }
}
