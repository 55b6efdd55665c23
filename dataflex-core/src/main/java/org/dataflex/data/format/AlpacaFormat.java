package org.dataflex.data.format;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.dataflex.data.format.Conversation.Turn;

/** Rows of instruction, input and output: the prompt is the first two, on a line each. */
record AlpacaFormat(DatasetLayout layout) implements RowFormat {

    @Override
    public TextSample sample(JsonNode row) {
        List<Turn> turns = history(row);
        String prompt = RowFormat.requireText(row, layout, "prompt");
        String query = RowFormat.optionalText(row, layout, "query");
        String joined =
                prompt.isEmpty() || query.isEmpty() ? prompt + query : prompt + "\n" + query;
        turns.add(new Turn(joined, RowFormat.requireFilled(row, layout, "response")));
        return new Conversation(RowFormat.optionalText(row, layout, "system"), turns);
    }

    private List<Turn> history(JsonNode row) {
        List<Turn> turns = new ArrayList<>();
        String column = layout.column("history");
        if (column == null || !row.hasNonNull(column)) {
            return turns;
        }
        JsonNode history = row.get(column);
        if (!history.isArray()) {
            throw notPairs(column, history);
        }
        for (JsonNode pair : history) {
            if (!pair.isArray() || pair.size() != 2) {
                throw notPairs(column, pair);
            }
            String what = "column '" + column + "', pair " + (turns.size() + 1);
            String response = RowFormat.text(pair.get(1), what);
            if (response.isEmpty()) {
                throw new IllegalArgumentException(
                        what + " has an empty response; fill it or leave the pair out");
            }
            turns.add(new Turn(RowFormat.text(pair.get(0), what), response));
        }
        return turns;
    }

    private static IllegalArgumentException notPairs(String column, JsonNode found) {
        String shown = found.toString();
        return new IllegalArgumentException(
                "column '"
                        + column
                        + "' is not a list of pairs [prompt, response]: "
                        + shown.substring(0, Math.min(shown.length(), 40)));
    }
}
