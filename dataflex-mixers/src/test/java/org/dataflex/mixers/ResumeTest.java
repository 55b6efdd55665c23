package org.dataflex.mixers;

import java.util.List;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.ResumeContract;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class ResumeTest implements ResumeContract {

    @Override
    public List<String> strategies() {
        return List.of(
                "mixer:static:proportions=uniform",
                "mixer:random:",
                "mixer:dynamic-moe:samplesPerDomain=5",
                "mixer:odm:",
                "mixer:odm:variant=dataflex");
    }
}
