package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.dataflex.checkpoint.CheckpointException;
import org.dataflex.checkpoint.SafetensorsReader;
import org.dataflex.checkpoint.SafetensorsType;
import org.dataflex.checkpoint.Tensor;

/** The way of tensors into the parameters of their names. */
final class WeightFilesLoading {

    private static final String HEAD = "lm_head.weight";
    private static final String EMBEDDING = "model.embed_tokens.weight";

    /** Ends the names of tables that old Llama files have, and that the model computes. */
    private static final String ROTARY_TABLE = ".rotary_emb.inv_freq";

    private final WeightFiles files;
    private final Map<String, Parameter> parameters;

    WeightFilesLoading(WeightFiles files, Map<String, Parameter> parameters) {
        this.files = files;
        this.parameters = parameters;
    }

    /** Lists everything that keeps the tensors from the parameters. */
    List<String> problems() {
        List<String> problems = new ArrayList<>();
        for (Map.Entry<String, Parameter> named : parameters.entrySet()) {
            if (files.names().contains(named.getKey())) {
                addMisfit(named.getKey(), named.getValue(), problems);
            } else {
                problems.add("missing: " + named.getKey());
            }
        }
        for (String name : files.names()) {
            if (!parameters.containsKey(name) && !name.endsWith(ROTARY_TABLE)) {
                addUnexpected(name, problems);
            }
        }
        return problems;
    }

    private void addMisfit(String name, Parameter parameter, List<String> problems) {
        Tensor tensor = files.tensor(name);
        DataType own =
                parameter.isInitialized() ? parameter.getArray().getDataType() : DataType.FLOAT32;
        if (!tensor.shape().equals(parameter.getShape())) {
            problems.add(
                    "shape: %s is %s, must be %s"
                            .formatted(name, tensor.shape(), parameter.getShape()));
        }
        if (!isExact(tensor.type(), own)) {
            problems.add(
                    "type: %s is %s, which %s cannot hold exactly"
                            .formatted(name, tensor.type(), own));
        }
    }

    private static boolean isExact(SafetensorsType from, DataType to) {
        return from.dataType() == to
                || from.isFloating()
                        && to.isFloating()
                        && from.size() < to.getNumOfBytes()
                        && to != DataType.BFLOAT16;
    }

    private void addUnexpected(String name, List<String> problems) {
        if (!name.equals(HEAD) || !parameters.containsKey(EMBEDDING)) {
            problems.add("unexpected: " + name);
        } else if (files.names().contains(EMBEDDING)
                && !files.tensor(HEAD).hasSameContent(files.tensor(EMBEDDING))) {
            problems.add(
                    "unexpected: %s, which differs from %s though the model has one matrix for both"
                            .formatted(HEAD, EMBEDDING));
        }
    }

    /**
     * Copies the values, file by file.
     *
     * @param manager whose the arrays shall be of parameters that have none
     * @throws CheckpointException if a value is NaN or infinite
     */
    void copy(NDManager manager) throws CheckpointException {
        List<String> notFinite = new ArrayList<>();
        for (SafetensorsReader shard : files.shards()) {
            shard.tensors()
                    .forEach(
                            (name, tensor) -> {
                                Parameter parameter = parameters.get(name);
                                if (parameter != null && !copy(tensor, array(parameter, manager))) {
                                    notFinite.add(name + " in " + shard.file());
                                }
                            });
        }
        if (!notFinite.isEmpty()) {
            throw new CheckpointException(
                    "weights are damaged, with NaN or infinite values; get the files anew, or take an"
                            + " earlier save:\n  "
                            + String.join("\n  ", notFinite));
        }
    }

    /** Copies one tensor and tells whether it is finite. */
    private static boolean copy(Tensor tensor, NDArray target) {
        boolean[] isFinite = {true};
        tensor.copyTo(target, piece -> isFinite[0] &= isFinite(piece));
        return isFinite[0];
    }

    /** Sums first, for NaN and infinity survive a sum; only a sum that overflows needs more. */
    private static boolean isFinite(NDArray numbers) {
        if (!numbers.getDataType().isFloating()) {
            return true;
        }
        double sum = numbers.sum().toType(DataType.FLOAT64, false).getDouble();
        return Double.isFinite(sum)
                || !numbers.isNaN().any().getBoolean() && !numbers.isInfinite().any().getBoolean();
    }

    private static NDArray array(Parameter parameter, NDManager manager) {
        if (!parameter.isInitialized()) {
            Initializer own = parameter.getInitializer();
            parameter.setInitializer((m, shape, type) -> m.create(shape, type));
            parameter.initialize(manager, DataType.FLOAT32);
            parameter.setInitializer(own);
        }
        return parameter.getArray();
    }
}
