package org.dataflex.internal;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.dataflex.checkpoint.Checkpoint;
import org.dataflex.checkpoint.CheckpointException;
import org.dataflex.checkpoint.CheckpointStore;
import org.dataflex.checkpoint.Tensor;
import org.dataflex.torch.InPlace;

/**
 * Puts a checkpoint in the place of the model in training and its optimizer's state, and then these
 * back, bit for bit.
 *
 * <p>Parameters are written in place, after a copy of those that differ; the optimizer's own arrays
 * are set aside untouched.
 */
final class ModelAtCheckpoint {

    private final PairList<String, Parameter> parameters;
    private final Optimizer inTraining;
    private final OptimizerState optimizer;
    private final NDManager scope;

    /** What the model's own values are where a checkpoint's are in their place. */
    private final Map<Parameter, NDArray> ownValues = new LinkedHashMap<>();

    /** What the optimizer's own state is, while a checkpoint's is in its place. */
    private OptimizerState.Content ownState;

    /** Null while the model is as it is. */
    private Checkpoint shown;

    /**
     * Begins with the model as it is.
     *
     * @param model the model in training
     * @param optimizer its optimizer
     * @param scope owns the copies
     */
    ModelAtCheckpoint(Model model, Optimizer optimizer, NDManager scope) {
        this.parameters = model.getBlock().getParameters();
        this.inTraining = optimizer;
        this.optimizer = new OptimizerState(optimizer, parameters);
        this.scope = scope;
    }

    /**
     * Reads a checkpoint, and changes nothing yet.
     *
     * @throws UncheckedIOException if it is missing, damaged or of another model or kind of
     *     optimizer
     */
    Checkpoint load(Path directory) {
        try {
            Checkpoint checkpoint =
                    new CheckpointStore(directory.toAbsolutePath().getParent(), 1).load(directory);
            RunState.requireSameParameters(parameters, checkpoint.model());
            requireMoments(checkpoint);
            return checkpoint;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    new IOException(
                            "cannot look at the model as of " + directory + ": " + e.getMessage(),
                            e));
        }
    }

    /** Where the optimizer in training has moments, missing ones would count as 0. */
    private void requireMoments(Checkpoint checkpoint) throws CheckpointException {
        for (String field : AdamTransform.FIELDS) {
            boolean isKept = OptimizerState.keeps(inTraining, field);
            boolean isSaved =
                    checkpoint.optimizer().keySet().stream()
                            .anyMatch(name -> name.startsWith(field + "/"));
            if (isKept && !isSaved && updates(checkpoint) > 0) {
                throw new CheckpointException(
                        "its optimizer kept no "
                                + field
                                + ", as "
                                + inTraining.getClass().getName()
                                + " does; take a checkpoint of the same kind of optimizer");
            }
        }
    }

    private static int updates(Checkpoint checkpoint) {
        return checkpoint.state().path("optimizerUpdates").asInt();
    }

    /** Makes the model as of a checkpoint, if it is not. */
    void show(Checkpoint checkpoint) {
        if (shown == checkpoint) {
            return;
        }
        showModel();
        boolean isWhole = false;
        try {
            shown = checkpoint;
            for (Pair<String, Parameter> parameter : parameters) {
                show(parameter.getValue(), checkpoint.model().get(parameter.getKey()));
            }
            ownState = optimizer.take();
            optimizer.restore(checkpoint.optimizer(), updates(checkpoint));
            isWhole = true;
        } catch (CheckpointException e) {
            throw new UncheckedIOException(e);
        } finally {
            if (!isWhole) {
                showModel();
            }
        }
    }

    /** Frozen parameters usually are the same, and then cost no copy. */
    private void show(Parameter parameter, Tensor value) {
        NDArray array = parameter.getArray();
        if (!value.hasSameContent(Tensor.of(array))) {
            NDArray own = array.stopGradient().duplicate();
            own.attach(scope);
            ownValues.put(parameter, own);
            value.copyTo(array);
        }
    }

    /** Makes the model as it is, if it is not. */
    void showModel() {
        if (shown == null) {
            return;
        }
        ownValues.forEach(
                (parameter, own) -> {
                    InPlace.copy(own, parameter.getArray());
                    own.close();
                });
        ownValues.clear();
        if (ownState != null) {
            optimizer.put(ownState);
            ownState = null;
        }
        shown = null;
    }
}
