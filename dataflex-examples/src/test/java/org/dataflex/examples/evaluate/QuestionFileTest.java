package org.dataflex.examples.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuestionFileTest {

    private static final Question TWO_AND_TWO =
            new Question("sums", "2, and 2?", List.of("3", "4"), 1);

    @TempDir private Path directory;

    private List<Question> read(String name, String text) throws IOException {
        return QuestionFile.read(Files.writeString(directory.resolve(name), text));
    }

    @Test
    void bothForms_readTheSame() throws IOException {
        assertEquals(List.of(TWO_AND_TWO), read("sums.csv", "\"2, and 2?\",3,4,B\n"));
        assertEquals(
                List.of(TWO_AND_TWO, TWO_AND_TWO),
                read(
                        "q.jsonl",
                        """
                        {"subject": "sums", "question": "2, and 2?", "choices": [3, "4"], "answer": 1}

                        {"subject": "sums", "question": "2, and 2?", "choices": ["3", "4"], "answer": "b"}
                        """));
    }

    @Test
    void subject_isTheFilesName_ifNotGiven() throws IOException {
        List<Question> read =
                read("algebra.jsonl", "{\"question\": \"?\", \"choices\": [1, 2], \"answer\": 0}");
        assertEquals("algebra", read.get(0).subject());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    a.csv | What?,1,B | row 1: 3 columns, must be the question
                    a.csv | What?,1,2,C | row 1: answer = 2, must be one of the 2 options
                    a.csv | What?,1,,A | row 1: option B is blank
                    a.jsonl | {"question": "?", "answer": 0} | line 1: 'choices' is missing
                    a.jsonl | {"question": "?", "choices": ["1"], "answer": 0} | line 1: 1 options
                    a.jsonl | {"question": "?", "choices": ["1", "2"], "answer": "yes"} | line 1: answer = 'yes'
                    a.jsonl | {"question": | line 1:
                    """)
    void rowsThatAreNoQuestions_areRefusedByRow(String name, String row, String expected) {
        String message = assertThrows(IOException.class, () -> read(name, row)).getMessage();
        assertTrue(message.contains(expected), message);
    }

    @Test
    void fileWithoutQuestions_isRefused() {
        String message =
                assertThrows(IOException.class, () -> read("a.jsonl", "\n\n")).getMessage();
        assertEquals(directory.resolve("a.jsonl") + " has no questions", message);
    }
}
