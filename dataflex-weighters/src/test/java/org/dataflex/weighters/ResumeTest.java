package org.dataflex.weighters;

import java.util.List;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.ResumeContract;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class ResumeTest implements ResumeContract {

    @Override
    public List<String> strategies() {
        return List.of(
                "weighter:uniform:",
                "weighter:loss:temperature=4,finalTemperature=0.4,temperatureSchedule=linear",
                "weighter:loss:scope=window,window=3",
                "weighter:loss:scope=moving,quantile=0.1");
    }
}
