package org.dataflex.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import ai.djl.training.dataset.Batch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
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

    /** The place on the tape of each output told, and its position among them. */
    private final Map<Integer, Integer> outputs = new LinkedHashMap<>();

    /** A use and the position of its output. */
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
        int position = outputs.computeIfAbsent(tape.watch(output), place -> outputs.size());
        told.add(new Told(use, position));
    }

    /** A GPU multiplies alike whether it records or not. */
    @Override
    public NDArray standIn(NDArray x) {
        return x.getDevice().isGpu() ? x : tape.standIn(x);
    }

    @Override
    public NDList products(NDArray input, NDList weights, Supplier<NDList> products) {
        return input.getDevice().isGpu() ? products.get() : tape.products(input, weights, products);
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
        if (!outputs.isEmpty()) {
            deltas = tape.gradients(objective, List.copyOf(outputs.keySet()));
            deltas.attach(batch.getManager());
        }
        List<List<Told>> byParameter = new ArrayList<>();
        for (int p = 0; p < asked.count(); p++) {
            byParameter.add(uses.get(asked.get(p)));
        }
        return new TracedGradients(asked, byParameter, deltas, batch.getSize(), batch.getManager());
    }
}
