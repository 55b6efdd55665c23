package org.dataflex.mixers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.dataflex.data.CandidatePool;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.ResumeContract;
import org.dataflex.testing.TinyTextRuns;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeaks.class)
class ResumeTest implements ResumeContract {

    private static Path reference;

    /** A reference to which every token is as likely as any other. */
    @BeforeAll
    static void writeReference(@TempDir Path directory) throws IOException {
        reference = directory.resolve("reference");
        CandidatePool pool = TinyTextRuns.pool();
        float[][] losses = new float[(int) pool.size()][];
        for (int i = 0; i < losses.length; i++) {
            losses[i] = new float[pool.length(i) - 1];
            Arrays.fill(losses[i], (float) Math.log(11));
        }
        StoredReference.of(reference, pool, losses).close();
    }

    @Override
    public List<String> strategies() {
        return List.of(
                "mixer:static:proportions=uniform",
                "mixer:random:",
                "mixer:schedule:stages=0:natural;4..16:uniform",
                "mixer:dynamic-moe:samplesPerDomain=5",
                "mixer:odm:",
                "mixer:odm:variant=dataflex",
                "texts mixer:doremi:reference=" + reference);
    }
}
