package org.dataflex.torch;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Loads {@code ops.py} into the engine, once, with oneDNN's products if the engine has them.
 *
 * <p>The module has neither parameters nor constants, so one serves every device: an operator runs
 * where its operands are.
 */
final class OperatorModule {

    static final String ENGINE = "PyTorch";

    private static final Pattern UNKNOWN_OPERATOR =
            Pattern.compile("Unknown builtin op: ([\\w:]+)");

    private static volatile PtSymbolBlock loaded;

    private OperatorModule() {}

    /**
     * Returns the module, which lives as long as the JVM.
     *
     * @throws UnsupportedEngineException if this version of PyTorch lacks an operator
     */
    static PtSymbolBlock get() {
        PtSymbolBlock module = loaded;
        if (module == null) {
            synchronized (OperatorModule.class) {
                if (loaded == null) {
                    loaded = loadFastest();
                }
                module = loaded;
            }
        }
        return module;
    }

    private static PtSymbolBlock loadFastest() {
        String operators = source("ops.py");
        try {
            return load(newManager(), operators + source("product_onednn.py"));
        } catch (
                UnsupportedEngineException e) { // built without oneDNN, or too old for the rest too
            return load(newManager(), operators + source("product.py"));
        }
    }

    /**
     * Loads a module.
     *
     * @param manager who shall own the module
     * @param source TorchScript that defines {@code class Ops(Module)}
     * @return the module
     * @throws UnsupportedEngineException if this version of PyTorch cannot compile the source
     */
    static PtSymbolBlock load(PtNDManager manager, String source) {
        try (InputStream archive = new ByteArrayInputStream(OperatorArchive.of(source))) {
            return JniUtils.loadModule(manager, archive, false, false);
        } catch (EngineException e) {
            throw new UnsupportedEngineException(
                    "PyTorch " + Engine.getEngine(ENGINE).getVersion() + " " + missing(e), e);
        } catch (IOException e) {
            throw new UncheckedIOException("reading from memory", e);
        }
    }

    /** Makes a manager below the engine's root; the engine starts if it has not yet. */
    static PtNDManager newManager() {
        return (PtNDManager) NDManager.newBaseManager(Device.cpu(), ENGINE);
    }

    private static String missing(EngineException e) {
        Matcher unknown = UNKNOWN_OPERATOR.matcher(e.getMessage());
        return unknown.find()
                ? "has no operator " + unknown.group(1)
                : "has an operator with other arguments: " + e.getMessage().strip();
    }

    static String source(String file) {
        try (InputStream in = OperatorModule.class.getResourceAsStream(file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(file, e);
        }
    }
}
