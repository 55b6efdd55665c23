package org.dataflex.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run that is killed and resumed in a fresh JVM ends in the same bits as one that never stopped:
 * parameters, moments, rows, strategy state, and what every strategy was told.
 */
public interface ResumeContract {

    /**
     * Returns the strategies to test.
     *
     * @return as {@code kind:name:setting=value,...}, {@code made:class} with a class that is a
     *     {@code Supplier<Selector>}, or {@code none}; after {@code texts} and a space, for a
     *     strategy of token losses or of what {@link org.dataflex.model.LinearHead} shows, the run
     *     is one of {@link TinyTextRuns}. A mixer that is a weighter too is both
     */
    List<String> strategies();

    /**
     * Kills a run of each strategy in a JVM of its own, resumes all in another, and compares with
     * runs of this JVM.
     *
     * @param directory for the runs
     * @throws Exception if a run fails
     */
    @Test
    default void killedRun_resumedInAFreshJvm_endsInTheSameBits(@TempDir Path directory)
            throws Exception {
        Path straight = directory.resolve("straight");
        Path resumed = directory.resolve("resumed");
        for (String strategy : strategies()) {
            StrategyRun.run(straight, strategy, false);
            List<String> killed = List.of("killed", resumed.toString(), strategy);
            assertEquals(KilledRuns.KILLED, KilledRuns.jvm(StrategyRun.class, killed), strategy);
        }
        List<String> whole = new ArrayList<>(List.of("whole", resumed.toString()));
        whole.addAll(strategies());
        assertEquals(0, KilledRuns.jvm(StrategyRun.class, whole));
        for (String strategy : strategies()) {
            String run = StrategyRun.directoryName(strategy);
            KilledRuns.assertSame(
                    straight.resolve(run), resumed.resolve(run), StrategyRun.STEPS, strategy);
        }
    }
}
