package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dataflex.checkpoint.Checkpoint;
import org.dataflex.checkpoint.CheckpointException;
import org.dataflex.checkpoint.Tensor;
import org.dataflex.data.store.StreamingPool;

/** Gathers everything that a run needs to go on, and puts it back. */
final class RunState {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ARRIVED = "arrived";

    private final StreamingPool stream;
    private final RowSampler rows;
    private final StrategyRunner strategies;
    private final ReportBuilder report;
    private final PairList<String, Parameter> parameters;
    private final OptimizerState optimizer;

    RunState(
            RunSettings settings,
            RowSampler rows,
            StrategyRunner strategies,
            ReportBuilder report) {
        this.stream = settings.stream;
        this.rows = rows;
        this.strategies = strategies;
        this.report = report;
        this.parameters = settings.model.getBlock().getParameters();
        this.optimizer = new OptimizerState(settings.config.getOptimizer(), parameters);
    }

    Checkpoint save(long step) {
        ObjectNode state = JSON.createObjectNode().put("optimizerUpdates", optimizer.updates());
        if (stream != null) {
            state.put(ARRIVED, stream.pool().fingerprint());
        }
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        rows.save(state, tensors);
        strategies.save(tensors);
        report.save(state.putObject("report"));
        Map<String, Tensor> model = new LinkedHashMap<>();
        parameters.forEach(p -> model.put(p.getKey(), Tensor.of(p.getValue().getArray())));
        return new Checkpoint(step, state, model, optimizer.arrays(), tensors);
    }

    void restore(Checkpoint checkpoint) throws CheckpointException {
        requireSameParameters(parameters, checkpoint.model());
        for (Pair<String, Parameter> parameter : parameters) {
            checkpoint.model().get(parameter.getKey()).copyTo(parameter.getValue().getArray());
        }
        optimizer.restore(
                checkpoint.optimizer(), checkpoint.state().path("optimizerUpdates").asInt());
        if (stream != null) {
            rewind(checkpoint);
        }
        rows.restore(checkpoint.state(), checkpoint.strategies());
        strategies.restore(checkpoint.strategies());
        report.restore(checkpoint.state().path("report"));
    }

    /** Goes back to what had arrived, and refuses a store that holds something else. */
    private void rewind(Checkpoint checkpoint) throws CheckpointException {
        stream.rewind(checkpoint.step());
        rows.replaceCandidates(stream.window(), checkpoint.step());
        String saved = checkpoint.state().path(ARRIVED).asText();
        String stored = stream.pool().fingerprint();
        if (!saved.equals(stored)) {
            throw new CheckpointException(
                    "the streaming pool's store holds %s, but %s had arrived before step %d; put back the store of this run, or choose another run directory"
                            .formatted(stored, saved, checkpoint.step()));
        }
    }

    /** Refuses saved parameters that are not a model's, naming every one. */
    static void requireSameParameters(
            PairList<String, Parameter> parameters, Map<String, Tensor> saved)
            throws CheckpointException {
        List<String> problems = new ArrayList<>();
        for (Pair<String, Parameter> parameter : parameters) {
            Tensor tensor = saved.get(parameter.getKey());
            NDArray array = parameter.getValue().getArray();
            if (tensor == null) {
                problems.add(parameter.getKey() + " is missing");
            } else if (!tensor.shape().equals(array.getShape())
                    || tensor.type().dataType() != array.getDataType()) {
                problems.add(
                        parameter.getKey()
                                + " is "
                                + tensor.type().dataType()
                                + tensor.shape()
                                + " there and "
                                + array.getDataType()
                                + array.getShape()
                                + " here");
            }
        }
        saved.keySet().stream()
                .filter(name -> !parameters.contains(name))
                .forEach(name -> problems.add(name + " is unknown to the model"));
        if (!problems.isEmpty()) {
            throw new CheckpointException(
                    "the checkpoint is of another model: " + String.join("; ", problems));
        }
    }

    void close() {
        optimizer.close();
    }
}
