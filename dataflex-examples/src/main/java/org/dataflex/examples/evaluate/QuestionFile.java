package org.dataflex.examples.evaluate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.dataflex.data.JsonLines;
import org.dataflex.data.TextFiles;

/**
 * Files of questions with answers to choose from, in the two forms of MMLU.
 *
 * <ul>
 *   <li>JSON lines: {@code question}, {@code choices}, {@code answer} (a position from 0 or a
 *       letter) and, perhaps, {@code subject};
 *   <li>CSV without a header: the question, the options, and the letter of the right one.
 * </ul>
 */
public final class QuestionFile {

    private QuestionFile() {}

    /**
     * Reads a file.
     *
     * @param file ends in {@code .csv}, or holds JSON lines; where there is no subject, its name is
     * @return its questions, at least one
     * @throws IOException if it cannot be read or a row is no question; names the row
     */
    public static List<Question> read(Path file) throws IOException {
        String name = file.getFileName().toString();
        List<Question> questions =
                name.toLowerCase(Locale.ROOT).endsWith(".csv")
                        ? csv(file, subject(name))
                        : JsonLines.read(file, row -> json(row, subject(name)));
        if (questions.isEmpty()) {
            throw new IOException(file + " has no questions");
        }
        return questions;
    }

    private static String subject(String fileName) {
        int dot = fileName.lastIndexOf('.');
        return dot < 1 ? fileName : fileName.substring(0, dot);
    }

    private static Question json(JsonNode row, String subject) {
        for (String column : List.of("question", "choices", "answer")) {
            if (!row.hasNonNull(column)) {
                throw new IllegalArgumentException("'" + column + "' is missing");
            }
        }
        List<String> options = new ArrayList<>();
        row.path("choices").forEach(choice -> options.add(choice.asText()));
        return new Question(
                row.path("subject").asText(subject),
                row.path("question").asText(),
                options,
                Question.position(row.path("answer").asText()));
    }

    private static List<Question> csv(Path file, String subject) throws IOException {
        List<Question> questions = new ArrayList<>();
        CsvMapper mapper = new CsvMapper();
        try (MappingIterator<String[]> rows =
                mapper.readerFor(String[].class)
                        .with(CsvParser.Feature.WRAP_AS_ARRAY)
                        .readValues(new StringReader(TextFiles.read(file)))) {
            while (rows.hasNextValue()) {
                questions.add(row(rows.nextValue(), subject));
            }
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    file + " row " + (questions.size() + 1) + ": " + e.getMessage(), e);
        }
        return questions;
    }

    private static Question row(String[] columns, String subject) {
        if (columns.length < 4) {
            throw new IllegalArgumentException(
                    columns.length
                            + " columns, must be the question, at least two options, and the letter"
                            + " of the right one");
        }
        int last = columns.length - 1;
        return new Question(
                subject,
                columns[0],
                List.of(columns).subList(1, last),
                Question.position(columns[last]));
    }
}
