package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.dataflex.model.Direction;

/** A direction as one native array a parameter, on the manager of a strategy call or an update. */
final class ParameterDirection implements Direction {

    private final List<Pair<String, Parameter>> parameters;
    private final NDManager scope;
    private final NDList arrays;

    /**
     * Keeps arrays.
     *
     * @param parameters the parameters covered, with their names
     * @param scope the manager that the arrays belong to
     * @param arrays an array a parameter, of its shape
     */
    ParameterDirection(List<Pair<String, Parameter>> parameters, NDManager scope, NDList arrays) {
        this.parameters = parameters;
        this.scope = scope;
        this.arrays = arrays;
    }

    /** Hands the arrays to another manager. */
    ParameterDirection on(NDManager other) {
        arrays.attach(other);
        return new ParameterDirection(parameters, other, arrays);
    }

    /** The part of the direction that belongs to the parameter at a position. */
    NDArray array(int parameter) {
        return arrays.get(parameter);
    }

    /** The names of the parameters covered. */
    Set<String> names() {
        return parameters.stream().map(Pair::getKey).collect(Collectors.toSet());
    }

    /** Whether it covers just these parameters, in this order. */
    boolean covers(List<Pair<String, Parameter>> others) {
        return values(parameters).equals(values(others));
    }

    private static List<Parameter> values(List<Pair<String, Parameter>> pairs) {
        return pairs.stream().map(Pair::getValue).toList();
    }

    /**
     * Takes what a strategy hands back.
     *
     * @param directions what it hands back
     * @param block the block that they are to be of
     * @return the same, at least one, all over the same parameters of the block
     */
    static List<ParameterDirection> of(List<Direction> directions, Block block) {
        if (directions.isEmpty()) {
            throw new IllegalArgumentException(
                    "no directions to align with; ask meanGradient for one");
        }
        List<Parameter> known = block.getParameters().values();
        List<ParameterDirection> own = new ArrayList<>();
        for (int s = 0; s < directions.size(); s++) {
            if (!(directions.get(s) instanceof ParameterDirection direction)
                    || !known.containsAll(values(direction.parameters))) {
                throw new IllegalArgumentException(
                        "direction " + s + " was not made by this model's meanGradient");
            }
            if (!direction.scope.isOpen()) {
                throw new IllegalStateException(
                        "direction "
                                + s
                                + " belongs to a strategy call that has ended; ask meanGradient"
                                + " anew in each call");
            }
            own.add(direction);
            if (!direction.covers(own.get(0).parameters)) {
                throw new IllegalArgumentException(
                        "direction "
                                + s
                                + " covers other parameters than direction 0; align with those of"
                                + " one set of parameters at a time");
            }
        }
        return own;
    }
}
