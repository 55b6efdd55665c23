package org.dataflex.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads JSON that may be hostile: of limited size and depth, and no name twice in an object. */
public final class StrictJson {

    /** Enough for 200,000 tensors; what is parsed takes about ten times as much memory. */
    static final int LARGEST = 1 << 25;

    private static final int DEEPEST = 8;

    private static final ObjectMapper JSON =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(DEEPEST)
                                                    .build())
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private StrictJson() {}

    /**
     * Reads a file that holds an object.
     *
     * @param file the file
     * @return the object
     * @throws CheckpointException if it is anything else, or larger than 32 MiB
     * @throws IOException if it cannot be read
     */
    public static ObjectNode read(Path file) throws IOException {
        if (Files.size(file) > LARGEST) {
            throw damaged(file, "it is larger than %d bytes".formatted(LARGEST), null);
        }
        return object(file, "it", ByteBuffer.wrap(Files.readAllBytes(file)));
    }

    /**
     * Parses an object.
     *
     * @param file where it comes from
     * @param what what it is, such as "its header"
     * @param utf8 the text
     * @return the object
     * @throws CheckpointException if it is anything else
     */
    static ObjectNode object(Path file, String what, ByteBuffer utf8) throws CheckpointException {
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
            if (JSON.readTree(text) instanceof ObjectNode object) {
                return object;
            }
            throw damaged(file, what + " is not a JSON object", null);
        } catch (CharacterCodingException e) {
            throw damaged(file, what + " is not UTF-8", e);
        } catch (JsonProcessingException e) {
            throw damaged(file, what + " is not sound JSON: " + JsonFault.of(e), e);
        }
    }

    /**
     * Says that a file is damaged.
     *
     * @param file the file
     * @param problem what is wrong with it
     * @param cause what revealed it, or null
     * @return the exception to throw
     */
    public static CheckpointException damaged(Path file, String problem, Throwable cause) {
        return new CheckpointException(file + " is damaged: " + problem, cause);
    }
}
