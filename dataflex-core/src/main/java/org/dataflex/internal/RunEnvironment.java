package org.dataflex.internal;

import ai.djl.engine.Engine;
import ai.djl.training.Trainer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** What a run runs on. It may differ from one part of a resumed run to the next. */
final class RunEnvironment {

    private RunEnvironment() {}

    static Map<String, String> describe(Trainer trainer) {
        Engine engine = trainer.getManager().getEngine();
        Map<String, String> text = new LinkedHashMap<>();
        String version = RunEnvironment.class.getPackage().getImplementationVersion();
        text.put("DataFlex", Objects.requireNonNullElse(version, "not packaged"));
        text.put("DJL", Engine.getDjlVersion());
        text.put("engine", engine.getEngineName() + " " + engine.getVersion());
        text.put("device", trainer.getDevices()[0].toString());
        text.put("Java", Runtime.version().toString());
        text.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        return text;
    }
}
