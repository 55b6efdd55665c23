package org.dataflex.mixers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.dataflex.strategy.Mixer;
import org.dataflex.strategy.Strategies;
import org.dataflex.testing.CreationContract;
import org.junit.jupiter.api.Test;

class ProvidersTest extends CreationContract<Mixer> {

    ProvidersTest() {
        super(Mixer.class);
    }

    private static final String PROPORTIONS_FORM =
            " is not natural, uniform, shares by name (wiki=0.5,code=0.5), shares in the pool's"
                    + " order (0.5,0.5) or a file (file:mixture.json)";

    @Test
    void names_haveEveryMixerOfThisModule() {
        assertTrue(
                Strategies.names(Mixer.class)
                        .containsAll(
                                List.of(
                                        "doremi",
                                        "dynamic-moe",
                                        "odm",
                                        "random",
                                        "schedule",
                                        "static")));
    }

    @Test
    void create_withoutSettings_hasTheDefaults() {
        assertEquals(new DynamicMoeMixer().settings(), create("dynamic-moe", Map.of()).settings());
        assertEquals(new OnlineDataMixingMixer().settings(), create("odm", Map.of()).settings());
        assertEquals(new RandomMixer().settings(), create("random", Map.of()).settings());
        assertEquals(StaticMixer.natural().settings(), create("static", Map.of()).settings());
    }

    @Test
    void create_static_takesEveryForm() {
        assertProportions("natural", "Natural");
        assertProportions("uniform", " uniform ");
        assertProportions("wiki=0.5,code=0.5", " wiki = 0.5 , code=.5");
        assertProportions("0.25,0.75", "0.25, 0.75");
    }

    private void assertProportions(String expected, String setting) {
        assertEquals(
                Map.of("proportions", expected),
                create("static", Map.of("proportions", setting)).settings());
    }

    @Test
    void create_static_refusesTheRest() {
        for (String bad : List.of("even", "wiki=half,code=0.5", "wiki=0.5,code", "=1", "")) {
            assertRefused(
                    "mixer 'static': setting proportions = '" + bad + "'" + PROPORTIONS_FORM,
                    "static",
                    Map.of("proportions", bad));
        }
        assertRefused(
                "mixer 'static': setting proportions = 'wiki=0.5,wiki=0.5' names 'wiki' twice",
                "static",
                Map.of("proportions", "wiki=0.5,wiki=0.5"));
        assertRefused(
                "mixer 'static': proportions sum to 0.75, must sum to 1: {wiki=0.5, code=0.25}",
                "static",
                Map.of("proportions", "wiki=0.5,code=0.25"));
        assertRefused(
                "mixer 'static': proportion of code = NaN, must be in [0, 1]",
                "static",
                Map.of("proportions", "wiki=1,code=NaN"));
    }

    @Test
    void create_unknownSetting_isRefused() {
        assertUnknown(
                "mixer 'odm' has no setting 'warmupSteps'; did you mean 'warmUpSteps'?",
                "odm",
                "warmupSteps");
        assertUnknown("mixer 'dynamic-moe' has no setting 'heldOut'", "dynamic-moe", "heldOut");
        assertUnknown("mixer 'random' has no setting 'seed'", "random", "seed");
        assertUnknown(
                "mixer 'static' has no setting 'proportion'; did you mean 'proportions'?",
                "static",
                "proportion");
    }

    @Test
    void create_malformedSetting_isRefused() {
        assertRefused(
                "mixer 'dynamic-moe': setting layers = 'first' is not one of last, all",
                "dynamic-moe",
                Map.of("layers", "first"));
        assertRefused(
                "mixer 'odm': setting variant = 'exp3' is not one of paper, repo_group, repo_single,"
                        + " exp3_cumulative, dataflex",
                "odm",
                Map.of("variant", "exp3"));
        assertRefused(
                "mixer 'odm': setting warmUpSteps = '0.5' is not a whole number",
                "odm",
                Map.of("variant", "dataflex", "warmUpSteps", "0.5"));
        assertRefused(
                "mixer 'odm': setting minExploration = 'NaN' is not a finite number",
                "odm",
                Map.of("variant", "dataflex", "minExploration", "NaN"));
    }

    @Test
    void create_settingOutOfRange_isRefused() {
        assertRefused(
                "mixer 'dynamic-moe': samplesPerDomain = 0, must be at least 1",
                "dynamic-moe",
                Map.of("samplesPerDomain", "0"));
        assertRefused(
                "mixer 'odm': alpha = 1.0, must be at least 0 and less than 1",
                "odm",
                Map.of("alpha", "1"));
        assertRefused(
                "mixer 'odm': rewardScale, minExploration and warmUpSteps have no meaning in variant paper;"
                        + " leave them out, or set variant to dataflex",
                "odm",
                Map.of("warmUpSteps", "10"));
    }

    @Test
    void create_misspeltName_isRefused() {
        String message =
                assertThrows(IllegalArgumentException.class, () -> create("statik", Map.of()))
                        .getMessage();
        assertTrue(message.startsWith("no mixer named 'statik'; did you mean 'static'?"), message);
    }
}
