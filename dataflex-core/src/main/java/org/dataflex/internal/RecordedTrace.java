package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import ai.djl.training.dataset.Batch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.dataflex.internal.ParameterUse.Lookup;
import org.dataflex.internal.ParameterUse.Product;
import org.dataflex.internal.ParameterUse.Scale;
import org.dataflex.internal.ParameterUse.Sum;
import org.dataflex.model.ParameterTrace;
import org.dataflex.torch.GradientTape;
import org.dataflex.torch.Precision;

/**
 * Remembers the uses of the parameters asked for, and makes their gradients by sample.
 *
 * <p>Of inputs and gradients it keeps handles of its own, for the tape closes what it passed.
 */
final class RecordedTrace implements ParameterTrace {

    private final AskedParameters asked;
    private final Map<Parameter, List<Told>> uses = new HashMap<>();
    private final GradientTape tape = new GradientTape();

    /** A use and its output's gradient. */
    record Told(ParameterUse use, NDArray delta) {}

    RecordedTrace(AskedParameters asked) {
        this.asked = asked;
        for (int p = 0; p < asked.count(); p++) {
            uses.put(asked.get(p), new ArrayList<>());
        }
    }

    @Override
    public void product(Parameter weight, NDArray input, NDArray output, Precision precision) {
        add(weight, output, () -> new Product(input.stopGradient(), precision));
    }

    @Override
    public void sum(Parameter bias, NDArray output) {
        add(bias, output, Sum::new);
    }

    @Override
    public void scale(Parameter weight, NDArray input, NDArray output) {
        add(weight, output, () -> new Scale(input.stopGradient()));
    }

    @Override
    public void lookup(Parameter table, NDArray ids, NDArray output) {
        add(table, output, () -> new Lookup(ids, table.getShape().get(0)));
    }

    private void add(Parameter parameter, NDArray output, Supplier<ParameterUse> told) {
        List<Told> known = uses.get(parameter);
        if (known == null) {
            return; // not asked for
        }
        ParameterUse use = told.get();
        tape.watch(output, d -> known.add(new Told(use, d.stopGradient())));
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
     * @return their gradients, to be used while the batch is open
     */
    SampleGradients gradientsOf(NDArray objective, Batch batch) {
        tape.backward(objective, objective.onesLike());
        List<List<Told>> byParameter = new ArrayList<>();
        for (int p = 0; p < asked.count(); p++) {
            List<Told> told = uses.get(asked.get(p));
            told.forEach(use -> use.delta().attach(batch.getManager()));
            byParameter.add(told);
        }
        return new TracedGradients(asked, byParameter, batch.getSize(), batch.getManager());
    }
}
