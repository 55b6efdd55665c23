package org.dataflex.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.ParameterTracker;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.dataflex.checkpoint.CheckpointException;
import org.dataflex.checkpoint.Tensor;

/*
 * DJL's optimizers keep their moments in private fields and offer no way to save them. Every one of
 * them keeps arrays in fields of one type, Map<parameter id, Map<Device, NDArray>>, and the number
 * of updates in Optimizer.numUpdate and Optimizer.updateCounts. This class finds those fields by
 * type. An optimizer with state of another form is refused before training, so nothing is lost
 * silently; a test runs over all of DJL's optimizers. See docs/decisions/0002-optimizer-state.md.
 */

/**
 * Reads and writes the state of a DJL optimizer: its arrays by parameter, and its update counts.
 */
final class OptimizerState {

    private static final String ARRAYS =
            "java.util.Map<java.lang.String, java.util.Map<ai.djl.Device,"
                    + " ai.djl.ndarray.NDArray>>";

    private final Optimizer optimizer;
    private final PairList<String, Parameter> parameters;

    OptimizerState(Optimizer optimizer, PairList<String, Parameter> parameters) {
        this.optimizer = optimizer;
        this.parameters = parameters;
    }

    /** Says why an optimizer's state cannot be saved, if so. */
    static Optional<String> unsavable(Optimizer optimizer) {
        for (Field field : fields(optimizer)) {
            boolean savable =
                    field.getType().isPrimitive()
                            || ParameterTracker.class.isAssignableFrom(field.getType())
                            || isArrays(field);
            if (!savable) {
                return Optional.of(
                        "checkpoints cannot save the field '"
                                + field.getName()
                                + "' of the optimizer "
                                + optimizer.getClass().getName()
                                + "; use one of DJL's optimizers, or keep arrays in a "
                                + "Map<String, Map<Device, NDArray>>");
            }
        }
        return Optional.empty();
    }

    /** The optimizer's arrays as {@code field/parameter}. */
    Map<String, Tensor> arrays() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (Field field : fields(optimizer)) {
            if (isArrays(field)) {
                for (Pair<String, Parameter> parameter : parameters) {
                    NDArray array = array(optimizer, field.getName(), parameter.getValue().getId());
                    if (array != null) {
                        tensors.put(field.getName() + "/" + parameter.getKey(), Tensor.of(array));
                    }
                }
            }
        }
        return tensors;
    }

    /** How often the parameters have been updated. */
    int updates() {
        return updates(optimizer);
    }

    /** How often an optimizer has updated its parameters. */
    static int updates(Optimizer optimizer) {
        return (Integer) read(baseField("numUpdate"), optimizer);
    }

    /** Whether an optimizer has a field of arrays of this name. */
    static boolean keeps(Optimizer optimizer, String fieldName) {
        return field(optimizer, fieldName).isPresent();
    }

    /** An optimizer's own array of a parameter, to read only; null if it has none yet. */
    static NDArray array(Optimizer optimizer, String fieldName, String parameterId) {
        Map<String, Map<Device, NDArray>> arrays =
                cast(read(field(optimizer, fieldName).orElseThrow(), optimizer));
        Map<Device, NDArray> array = arrays.get(parameterId);
        return array == null ? null : array.values().iterator().next();
    }

    private static Optional<Field> field(Optimizer optimizer, String name) {
        return fields(optimizer).stream()
                .filter(f -> f.getName().equals(name) && isArrays(f))
                .findFirst();
    }

    /** Takes the place of the optimizer that was saved. */
    void restore(Map<String, Tensor> tensors, int updates) throws CheckpointException {
        write(baseField("numUpdate"), updates);
        Map<String, Integer> counts = cast(read(baseField("updateCounts"), optimizer));
        for (Pair<String, Parameter> parameter : parameters) {
            if (parameter.getValue().requiresGradient() && updates > 0) {
                counts.put(parameter.getValue().getId(), updates);
            }
        }
        for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
            String field = entry.getKey().substring(0, entry.getKey().indexOf('/'));
            restore(field, entry.getKey().substring(field.length() + 1), entry.getValue());
        }
    }

    private void restore(String fieldName, String parameterName, Tensor tensor)
            throws CheckpointException {
        Field field = field(optimizer, fieldName).orElse(null);
        Parameter parameter = parameters.get(parameterName);
        if (field == null || parameter == null) {
            throw new CheckpointException(
                    "the checkpoint holds the optimizer array '"
                            + fieldName
                            + "/"
                            + parameterName
                            + "', which "
                            + optimizer.getClass().getName()
                            + " of this model lacks");
        }
        NDManager manager = parameter.getArray().getManager();
        NDArray array = tensor.toArray(manager);
        array.detach(); // as DJL's own moments are: they outlive every manager
        Map<String, Map<Device, NDArray>> arrays = get(field);
        Map<Device, NDArray> old =
                arrays.put(
                        parameter.getId(),
                        new ConcurrentHashMap<>(Map.of(manager.getDevice(), array)));
        if (old != null) {
            old.values().forEach(NDArray::close);
        }
    }

    /** What an optimizer held; its arrays are open and belong to nobody meanwhile. */
    record Content(
            int updates,
            Map<String, Integer> counts,
            Map<Field, Map<String, Map<Device, NDArray>>> arrays) {}

    /** Takes everything out of the optimizer, which then is as if it had never updated. */
    Content take() {
        Map<String, Integer> counts = cast(read(baseField("updateCounts"), optimizer));
        Map<Field, Map<String, Map<Device, NDArray>>> arrays = new LinkedHashMap<>();
        for (Field field : fields(optimizer)) {
            if (isArrays(field)) {
                arrays.put(field, new LinkedHashMap<>(get(field)));
                get(field).clear();
            }
        }
        Content content = new Content(updates(), new LinkedHashMap<>(counts), arrays);
        counts.clear();
        write(baseField("numUpdate"), 0);
        return content;
    }

    /** Puts back what was taken out; what has come since is freed. */
    void put(Content content) {
        close();
        content.arrays().forEach((field, arrays) -> get(field).putAll(arrays));
        Map<String, Integer> counts = cast(read(baseField("updateCounts"), optimizer));
        counts.clear();
        counts.putAll(content.counts());
        write(baseField("numUpdate"), content.updates());
    }

    /** Frees the optimizer's arrays, which DJL leaves to the garbage collector. */
    void close() {
        for (Field field : fields(optimizer)) {
            if (isArrays(field)) {
                Map<String, Map<Device, NDArray>> arrays = get(field);
                for (Pair<String, Parameter> parameter : parameters) {
                    Map<Device, NDArray> array = arrays.remove(parameter.getValue().getId());
                    if (array != null) {
                        array.values().forEach(NDArray::close);
                    }
                }
            }
        }
    }

    private Map<String, Map<Device, NDArray>> get(Field field) {
        return cast(read(field, optimizer));
    }

    /** The fields of the optimizer's own classes, below {@link Optimizer} itself. */
    private static List<Field> fields(Optimizer optimizer) {
        List<Field> fields = new ArrayList<>();
        for (Class<?> type = optimizer.getClass();
                type != Optimizer.class;
                type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers())) {
                    fields.add(field);
                }
            }
        }
        return fields;
    }

    private static boolean isArrays(Field field) {
        return field.getGenericType().getTypeName().equals(ARRAYS);
    }

    private static Field baseField(String name) {
        try {
            return Optimizer.class.getDeclaredField(name);
        } catch (NoSuchFieldException e) {
            throw unknownDjl(e);
        }
    }

    private static Object read(Field field, Optimizer optimizer) {
        try {
            field.setAccessible(true);
            return field.get(optimizer);
        } catch (ReflectiveOperationException e) {
            throw unknownDjl(e);
        }
    }

    private void write(Field field, int value) {
        try {
            field.setAccessible(true);
            field.setInt(optimizer, value);
        } catch (ReflectiveOperationException e) {
            throw unknownDjl(e);
        }
    }

    @SuppressWarnings("unchecked") // the field's generic type has been compared
    private static <T> T cast(Object value) {
        return (T) value;
    }

    private static IllegalStateException unknownDjl(ReflectiveOperationException cause) {
        return new IllegalStateException(
                "this DJL keeps its optimizers' state elsewhere than DJL 0.36; checkpoints need a"
                        + " version of DJL that the library knows",
                cause);
    }
}
