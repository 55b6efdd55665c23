package org.dataflex.selectors;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dataflex.math.Sha256;
import org.dataflex.selectors.reward.Answer;

/**
 * Rewards that have been given, in a file that a later process goes on from.
 *
 * <p>Format: a line of text a reward, the digest of what was rated and the reward: 64 hexadecimal
 * digits, a space, a decimal number that reads back as the same bits. A line that is not whole ends
 * the file, and is overwritten.
 */
final class RewardFile implements Closeable {

    private static final Pattern LINE =
            Pattern.compile("([0-9a-f]{64}) (-?[0-9]+\\.[0-9]+(?:E-?[0-9]+)?)");

    private final FileChannel channel;
    private final String reward;
    private final Map<String, Double> known;

    private RewardFile(FileChannel channel, String reward, Map<String, Double> known) {
        this.channel = channel;
        this.reward = reward;
        this.known = known;
    }

    /**
     * Opens a file, or makes it.
     *
     * @param path the file
     * @param reward what rates, which is part of each key
     * @return the file; the caller closes it
     * @throws UncheckedIOException if it cannot be read or written
     */
    static RewardFile open(Path path, String reward) {
        try {
            return open(OwnFile.open(path, "let one run after the other use it"), reward);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "rewardFile = " + path + " cannot be used: " + e.getMessage(), e);
        }
    }

    private static RewardFile open(FileChannel channel, String reward) throws IOException {
        try {
            Map<String, Double> known = new HashMap<>();
            int whole = readLines(channel, known);
            channel.truncate(whole).position(whole);
            return new RewardFile(channel, reward, known);
        } catch (Throwable e) {
            channel.close();
            throw e;
        }
    }

    /** Reads the lines that are whole, and returns where they end. */
    private static int readLines(FileChannel channel, Map<String, Double> known)
            throws IOException {
        byte[] bytes = Channels.newInputStream(channel).readAllBytes();
        String text = new String(bytes, StandardCharsets.US_ASCII);
        int whole = 0;
        for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', whole)) {
            String line = text.substring(whole, end);
            Matcher reward = LINE.matcher(line);
            if (!reward.matches()) {
                throw new IOException("it holds '" + line + "', which is no reward");
            }
            known.put(reward.group(1), Double.valueOf(reward.group(2)));
            whole = end + 1;
        }
        return whole;
    }

    /** Returns what an answer is worth, or null if it has not been rated. */
    Double get(Answer answer) {
        return known.get(key(answer));
    }

    /** Keeps what answers are worth; the file has it when this returns. */
    void put(List<Answer> answers, double[] rewards) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < rewards.length; i++) {
            String key = key(answers.get(i));
            known.put(key, rewards[i]);
            lines.append(key).append(' ').append(rewards[i]).append('\n');
        }
        try {
            ByteBuffer bytes = StandardCharsets.US_ASCII.encode(lines.toString());
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(false);
        } catch (IOException e) {
            throw new UncheckedIOException("rewards cannot be written: " + e.getMessage(), e);
        }
    }

    private String key(Answer answer) {
        Sha256 digest = new Sha256();
        for (String part :
                new String[] {reward, answer.prompt(), answer.text(), answer.reference()}) {
            byte[] bytes = String.valueOf(part).getBytes(StandardCharsets.UTF_8);
            int length = part == null ? -1 : bytes.length;
            digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(length).flip()).update(bytes);
        }
        return digest.hex();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
