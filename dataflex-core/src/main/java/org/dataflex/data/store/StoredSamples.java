package org.dataflex.data.store;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dataflex.data.TokenFileWriter;
import org.dataflex.data.TokenSequences;
import org.dataflex.data.store.SequenceForm.Sequence;
import org.dataflex.data.store.Tokenization.Row;

/**
 * The samples of one dataset as they are stored: a directory of three files.
 *
 * @param tokens the sequences
 * @param hashes of each sequence the content hash of the sample that it comes from
 * @param rows of each sequence the row that it comes from
 * @param tally what became of all rows
 */
record StoredSamples(TokenSequences tokens, long[] hashes, long[] rows, DatasetTally tally) {

    static final String TOKENS = "samples.tokens";
    static final String ORIGINS = "origins"; // int64 pairs, big endian: content hash, row
    static final String TALLY = "tally.json";

    private static final ObjectMapper JSON = new ObjectMapper();

    static StoredSamples open(Path directory) throws IOException {
        TokenSequences tokens = TokenSequences.open(directory.resolve(TOKENS));
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(directory.resolve(ORIGINS)));
        LongBuffer origins = bytes.asLongBuffer();
        int n = Math.toIntExact(tokens.size());
        if (origins.capacity() != 2L * n) {
            throw new IOException(
                    directory
                            + " is damaged: "
                            + n
                            + " samples, but origins of other number;"
                            + " delete the directory, and it is made anew");
        }
        long[] hashes = new long[n];
        long[] rows = new long[n];
        for (int i = 0; i < n; i++) {
            hashes[i] = origins.get();
            rows[i] = origins.get();
        }
        DatasetTally tally = JSON.readValue(directory.resolve(TALLY).toFile(), DatasetTally.class);
        return new StoredSamples(tokens, hashes, rows, tally);
    }

    /** Writes the three files, row by row. */
    static final class Writer implements Tokenization.Sink, AutoCloseable {

        private final Path directory;
        private final Invalid invalidRows;
        private final TokenFileWriter tokens;
        private final DataOutputStream origins;
        private long rows;
        private long samples;
        private long cut;
        private long tooLong;
        private long withoutTarget;
        private long invalid;
        private String firstInvalid = "";
        private long numTokens;

        Writer(Path directory, Invalid invalidRows) throws IOException {
            this.directory = directory;
            this.invalidRows = invalidRows;
            this.tokens = TokenFileWriter.create(directory.resolve(TOKENS));
            this.origins =
                    new DataOutputStream(
                            new BufferedOutputStream(
                                    Files.newOutputStream(directory.resolve(ORIGINS))));
        }

        @Override
        public void take(Row row) throws IOException {
            rows++;
            if (row.error() != null) {
                takeInvalid(row.error());
                return;
            }
            boolean isKept = !row.encoded().sequences().isEmpty();
            boolean isTooLong = row.encoded().isTooLong();
            cut += isKept && isTooLong ? 1 : 0;
            tooLong += !isKept && isTooLong ? 1 : 0;
            withoutTarget += !isKept && !isTooLong ? 1 : 0;
            for (Sequence sequence : row.encoded().sequences()) {
                tokens.add(sequence.ids(), sequence.targets());
                origins.writeLong(row.contentHash());
                origins.writeLong(row.number());
                samples++;
                numTokens += sequence.ids().length;
            }
        }

        private void takeInvalid(String error) throws IOException {
            if (invalidRows == Invalid.REFUSE) {
                throw new IOException(error);
            }
            invalid++;
            firstInvalid = firstInvalid.isEmpty() ? error : firstInvalid;
        }

        void finish() throws IOException {
            tokens.finish();
            origins.close();
            JSON.writeValue(
                    directory.resolve(TALLY).toFile(),
                    new DatasetTally(
                            rows,
                            samples,
                            cut,
                            tooLong,
                            withoutTarget,
                            invalid,
                            firstInvalid,
                            numTokens));
        }

        @Override
        public void close() throws IOException {
            try (tokens) {
                origins.close();
            }
        }
    }
}
