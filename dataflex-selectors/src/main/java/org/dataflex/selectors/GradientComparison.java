package org.dataflex.selectors;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.dataflex.data.SampleSet;
import org.dataflex.data.Samples;
import org.dataflex.math.Sha256;
import org.dataflex.model.Preconditioner;

/**
 * Whose gradients are compared, and how.
 *
 * @param targets the target sets, in order; none if directions are not made of sets of samples
 * @param preconditioner what becomes of a candidate's gradient; a target's stays as it is
 * @param parameters which parameters count: those whose name has a match
 * @param chunkSize candidates at a time
 */
record GradientComparison(
        Map<String, SampleSet> targets,
        Preconditioner preconditioner,
        Pattern parameters,
        int chunkSize) {

    Predicate<String> names() {
        return new ParameterNames(parameters);
    }

    /**
     * Digests what a pass over candidates depends on.
     *
     * @param at names the model's state
     * @param candidates the candidates
     * @param others what else it depends on
     * @return 64 hexadecimal digits
     */
    String key(String at, Samples candidates, String others) {
        Sha256 sha = new Sha256();
        for (String text :
                new String[] {
                    at,
                    candidates.source().fingerprint(),
                    preconditioner.toString(),
                    parameters.pattern(),
                    Integer.toString(chunkSize),
                    others
                }) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            sha.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip())
                    .update(bytes);
        }
        for (int i = 0; i < candidates.size(); i++) {
            long index = candidates.indices().get(i);
            sha.update(ByteBuffer.allocate(Long.BYTES).putLong(index).flip());
        }
        return sha.hex();
    }
}
