package org.dataflex.selectors;

import java.util.List;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.ResumeContract;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class ResumeTest implements ResumeContract {

    @Override
    public List<String> strategies() {
        return List.of("selector:random:", "selector:loss:focus=medium");
    }
}
