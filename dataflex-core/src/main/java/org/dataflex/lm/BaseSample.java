package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.dataflex.checkpoint.CheckpointException;
import org.dataflex.checkpoint.StrictJson;

/**
 * Some values of the matrices that adapters are added to, by which their model is known again.
 *
 * <p>There are up to 16 values of each of up to 64 matrices, spread over all. They are compared up
 * to what rounding to bfloat16 and to half precision does, so that a model loaded from a copy of
 * lower precision is the same; a digest of all bytes would tell them apart. A model that differs in
 * other parameters only, such as its embedding, counts as the same.
 *
 * @param values by the matrices' names
 */
record BaseSample(Map<String, float[]> values) {

    /** What the file of the adapters calls it. */
    static final String KEY = "dataflex_base_sample";

    private static final int MOST_MATRICES = 64;
    private static final int MOST_VALUES = 16;

    /** Twice what rounding to bfloat16 changes at most, of a value. */
    private static final float RELATIVE = 1 / 256f;

    /** More than rounding to half precision changes the smallest values. */
    private static final float ABSOLUTE = 1 / (float) (1 << 24);

    /**
     * Takes the values.
     *
     * @param layers the adapted layers
     * @return their values; none if they have none yet
     */
    static BaseSample of(List<LinearLayer> layers) {
        int matrices = Math.min(MOST_MATRICES, layers.size());
        Map<String, float[]> values = new LinkedHashMap<>();
        for (int i = 0; i < matrices; i++) {
            LinearLayer layer = layers.get((int) ((long) i * layers.size() / matrices));
            if (layer.weight().isInitialized()) {
                int size = (int) Math.min(MOST_VALUES, layer.weight().getArray().size());
                values.put(layer.weight().getName(), values(layer, size));
            }
        }
        return new BaseSample(values);
    }

    /** Takes values at places that follow the golden ratio: neither a row nor a column has many. */
    private static float[] values(LinearLayer layer, int number) {
        NDArray weight = layer.weight().getArray();
        long[] places =
                LongStream.rangeClosed(1, number)
                        .map(i -> Long.remainderUnsigned(i * 0x9E3779B97F4A7C15L, weight.size()))
                        .toArray();
        try (NDScope scope = new NDScope();
                NDManager manager = weight.getManager().newSubManager()) {
            scope.suppressNotUsedWarning();
            NDArray taken = weight.stopGradient().take(manager.create(places));
            return taken.toType(DataType.FLOAT32, false).toFloatArray();
        }
    }

    /**
     * Reads the values.
     *
     * @param file where the text comes from
     * @param text what {@link #text} returned
     * @return the values
     * @throws CheckpointException if it is another text
     */
    static BaseSample parse(Path file, String text) throws CheckpointException {
        Map<String, float[]> values = new LinkedHashMap<>();
        try {
            for (String line : text.lines().toList()) {
                String[] words = line.split(" ");
                if (words.length < 2) {
                    throw StrictJson.damaged(file, KEY + " has a line without values", null);
                }
                float[] numbers = new float[words.length - 1];
                for (int i = 0; i < numbers.length; i++) {
                    numbers[i] = Float.parseFloat(words[i + 1]);
                }
                values.put(words[0], numbers);
            }
            return new BaseSample(values);
        } catch (NumberFormatException e) {
            throw StrictJson.damaged(file, KEY + " has " + e.getMessage(), e);
        }
    }

    /**
     * Returns the values as text.
     *
     * @return a line for each matrix: its name and its values
     */
    String text() {
        StringBuilder text = new StringBuilder();
        values.forEach(
                (name, numbers) -> {
                    StringJoiner line = new StringJoiner(" ", "", "\n").add(name);
                    for (float number : numbers) {
                        line.add(Float.toString(number));
                    }
                    text.append(line);
                });
        return text.toString();
    }

    /**
     * Compares the values with those of a model.
     *
     * @param layers the model's adapted layers; those without values are not compared
     * @return the first matrix whose values differ, or that the model does not adapt
     */
    Optional<String> firstDifference(List<LinearLayer> layers) {
        Map<String, LinearLayer> byName =
                layers.stream()
                        .collect(Collectors.toMap(l -> l.weight().getName(), Function.identity()));
        return values.keySet().stream()
                .filter(name -> !isLike(values.get(name), byName.get(name)))
                .findFirst();
    }

    private static boolean isLike(float[] saved, LinearLayer layer) {
        if (layer == null) {
            return false;
        }
        if (!layer.weight().isInitialized()) {
            return true;
        }
        float[] own = values(layer, saved.length);
        for (int i = 0; i < saved.length; i++) {
            float most = RELATIVE * Math.max(Math.abs(saved[i]), Math.abs(own[i])) + ABSOLUTE;
            if (!(Math.abs(saved[i] - own[i]) <= most)) { // also where one is NaN
                return false;
            }
        }
        return true;
    }
}
