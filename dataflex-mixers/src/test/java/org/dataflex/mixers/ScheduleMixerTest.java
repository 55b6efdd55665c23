package org.dataflex.mixers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.Domain;
import org.dataflex.math.Simplex;
import org.dataflex.strategy.Mixer;
import org.dataflex.strategy.Mixture;
import org.dataflex.strategy.Strategies;
import org.dataflex.testing.FakeContexts;
import org.dataflex.testing.FakePool;
import org.dataflex.testing.MixerContract;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class ScheduleMixerTest implements MixerContract {

    private final CandidatePool pool = FakePool.ofSizes(10, 30);

    @Override
    public Mixer create(List<Domain> domains) {
        return ScheduleMixer.builder()
                .addStage(0, StaticMixer.natural())
                .addRamp(5, 25, StaticMixer.uniform())
                .addStage(28, StaticMixer.natural())
                .build();
    }

    @Test
    void nameAndSettings() {
        assertEquals("schedule", create(List.of()).name());
        assertEquals(
                Map.of("stages", "0: natural; 5..25: uniform; 28: natural"),
                create(List.of()).settings());
    }

    @Test
    void mix_stagesHold_andRampsAreLinear() {
        Mixer mixer =
                ScheduleMixer.builder()
                        .addStage(0, StaticMixer.of(0.75, 0.25))
                        .addStage(10, StaticMixer.of(1, 0))
                        .addRamp(20, 30, StaticMixer.of(0, 1))
                        .addRamp(30, 32, StaticMixer.uniform())
                        .build();
        assertShares(0.75, mixer, 0);
        assertShares(0.75, mixer, 9);
        assertShares(1, mixer, 10);
        assertShares(1, mixer, 19);
        assertShares(1, mixer, 20);
        assertShares(0.7, mixer, 23);
        assertShares(0.1, mixer, 29);
        assertShares(0, mixer, 30);
        assertShares(0.25, mixer, 31);
        assertShares(0.5, mixer, 32);
        assertShares(0.5, mixer, 1_000_000);
    }

    @Test
    void mix_rampFromTheFirstStep() {
        Mixer mixer =
                ScheduleMixer.builder()
                        .addStage(0, StaticMixer.of(1, 0))
                        .addRamp(0, 4, StaticMixer.of(0, 1))
                        .build();
        assertShares(1, mixer, 0);
        assertShares(0.75, mixer, 1);
        assertShares(0, mixer, 4);
    }

    private void assertShares(double first, Mixer mixer, long step) {
        Mixture current = Mixture.of(pool.domains(), Simplex.uniform(2));
        double[] shares =
                mixer.mix(FakeContexts.of(pool).atStep(step).mixing(current))
                        .toArray(pool.domains());
        assertArrayEquals(new double[] {first, 1 - first}, shares, 1e-15);
    }

    @Test
    void createByName_readsEveryFormOfProportions(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("mixture.json");
        ProportionsFile.write(file, Mixture.of(pool.domains(), 0.2, 0.8));
        Mixer mixer =
                named("0:natural ;10 .. 20: d0=0.5, d1=0.5; 30: 0.25,0.75;40..50:file:" + file);
        assertEquals(
                "0: natural; 10..20: d0=0.5,d1=0.5; 30: 0.25,0.75; 40..50: d0=0.2,d1=0.8",
                mixer.settings().get("stages"));
        assertShares(0.25, mixer, 10);
        assertShares(0.375, mixer, 15);
        assertShares(0.2, mixer, 50);
    }

    @Test
    void create_malformedStages_areRefused() {
        String form =
                " is not STEP: PROPORTIONS or STEP..STEP: PROPORTIONS, as in '0: natural;"
                        + " 1000..2000: wiki=0.5,code=0.5'";
        assertRefused("mixer 'schedule': stage '' of stages = ''" + form, () -> named(""));
        assertRefused(
                "mixer 'schedule': stage 'natural' of stages = 'natural'" + form,
                () -> named("natural"));
        assertRefused(
                "mixer 'schedule': stage '-1: natural' of stages = '-1: natural'" + form,
                () -> named("-1: natural"));
        assertRefused(
                "mixer 'schedule': proportions at step 5 = 'even' is not natural, uniform, shares"
                        + " by name (wiki=0.5,code=0.5), shares in the pool's order (0.5,0.5) or a"
                        + " file (file:mixture.json)",
                () -> named("0: natural; 5: even"));
        assertRefused(
                "mixer 'schedule': the first stage begins at step 3, must begin at 0",
                () -> named("3: natural"));
    }

    @Test
    void builder_stepsOutOfOrder_areRefused() {
        assertRefused("no stages; add one at step 0", () -> ScheduleMixer.builder().build());
        assertRefused(
                "ramp 0..9 has nothing to begin from; add a stage at step 0 first",
                () -> ScheduleMixer.builder().addRamp(0, 9, StaticMixer.uniform()));
        ScheduleMixer.Builder builder =
                ScheduleMixer.builder()
                        .addStage(0, StaticMixer.natural())
                        .addRamp(5, 9, StaticMixer.uniform());
        assertRefused(
                "ramp 9..9, must end after it begins",
                () -> builder.addRamp(9, 9, StaticMixer.natural()));
        assertRefused(
                "stage '8: natural' begins before '5..9: uniform' is reached or at the same step;"
                        + " list stages by step",
                () -> builder.addStage(8, StaticMixer.natural()));
        assertRefused(
                "stage '0: uniform' begins before '0: natural' is reached or at the same step; list"
                        + " stages by step",
                () ->
                        ScheduleMixer.builder()
                                .addStage(0, StaticMixer.natural())
                                .addStage(0, StaticMixer.uniform()));
    }

    @Test
    void check_otherDomainsThanThePool_namesTheStage() {
        assertRefused(
                "stage '9: wikki=1.0': a proportion is given for 'wikki', which is no domain; the"
                        + " pool has [d0, d1]",
                () -> named("0: natural; 9: wikki=1").check(pool));
        named("0: natural; 9: d0=1,d1=0").check(pool);
    }

    private static Mixer named(String stages) {
        return Strategies.create(Mixer.class, "schedule", Map.of("stages", stages));
    }

    private static void assertRefused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
