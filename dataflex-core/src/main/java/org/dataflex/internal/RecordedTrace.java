package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import ai.djl.training.dataset.Batch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.dataflex.internal.ParameterUse.Lookup;
import org.dataflex.internal.ParameterUse.Product;
import org.dataflex.internal.ParameterUse.Scale;
import org.dataflex.internal.ParameterUse.Sum;
import org.dataflex.model.ParameterTrace;
import org.dataflex.torch.GradientTape;
import org.dataflex.torch.Precision;

/** Remembers the uses of the parameters asked for, and makes their gradients by sample. */
final class RecordedTrace implements ParameterTrace {

    private final AskedParameters asked;
    private final Map<Parameter, List<Told>> uses = new HashMap<>();
    private final GradientTape tape = new GradientTape();

    /** A use and the position of its output's gradient. */
    record Told(ParameterUse use, int output) {}

    RecordedTrace(AskedParameters asked) {
        this.asked = asked;
        for (int p = 0; p < asked.count(); p++) {
            uses.put(asked.get(p), new ArrayList<>());
        }
    }

    @Override
    public void product(Parameter weight, NDArray input, NDArray output, Precision precision) {
        add(weight, new Product(input, precision), output);
    }

    @Override
    public void sum(Parameter bias, NDArray output) {
        add(bias, new Sum(), output);
    }

    @Override
    public void scale(Parameter weight, NDArray input, NDArray output) {
        add(weight, new Scale(input), output);
    }

    @Override
    public void lookup(Parameter table, NDArray ids, NDArray output) {
        add(table, new Lookup(ids, table.getShape().get(0)), output);
    }

    private void add(Parameter parameter, ParameterUse use, NDArray output) {
        List<Told> told = uses.get(parameter);
        if (told == null) {
            return; // not asked for
        }
        told.add(new Told(use, tape.watch(output)));
    }

    /** A GPU multiplies alike whether it records or not. */
    @Override
    public NDList operation(
            NDList inputs, UnaryOperator<NDList> forward, UnaryOperator<NDList> backward) {
        return inputs.head().getDevice().isGpu()
                ? forward.apply(inputs)
                : tape.operation(inputs, forward, backward);
    }

    /**
     * Takes the gradients of what was told.
     *
     * @param objective the sum of the samples' losses, made of what was told
     * @param batch the samples, whose manager gets the results
     * @return their gradients, to be used while the arrays told are open
     */
    SampleGradients gradientsOf(NDArray objective, Batch batch) {
        NDList deltas = new NDList();
        if (uses.values().stream().anyMatch(told -> !told.isEmpty())) {
            deltas = tape.gradients(objective);
            deltas.attach(batch.getManager());
        }
        List<List<Told>> byParameter = new ArrayList<>();
        for (int p = 0; p < asked.count(); p++) {
            byParameter.add(uses.get(asked.get(p)));
        }
        return new TracedGradients(asked, byParameter, deltas, batch.getSize(), batch.getManager());
    }
}
