package org.dataflex.internal;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.Batch;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.Samples;
import org.dataflex.data.TokenSequences;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.loss.PerSampleLoss;
import org.dataflex.optim.AdamW;
import org.dataflex.torch.Precision;

/** A {@link TracedNet} in training, to be asked as such and as a block like any other. */
final class TracedNetRun implements AutoCloseable {

    static final int VOCABULARY = 13;

    final TracedNet net;
    final AdamW adam = AdamW.builder().build();
    final NDManager scope;
    private final Model model = Model.newInstance("traced");
    private final Model untraced = Model.newInstance("untraced");

    TracedNetRun(TracedNet net) {
        this.net = net;
        model.setDataType(DataType.FLOAT32);
        model.setBlock(net);
        net.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 4));
        untraced.setBlock(TracedNet.untraced(net));
        scope = model.getNDManager().newSubManager();
    }

    /** Makes a tiny run. */
    static TracedNetRun tiny(Precision precision) {
        return new TracedNetRun(new TracedNet(VOCABULARY, 6, 8, 2, precision));
    }

    /** Texts of a seed, of 2 tokens to a longest length; every sixth is a prompt alone. */
    static TokenSequences texts(int count, int longest, int vocabulary, long seed) {
        Random random = new Random(seed);
        TokenSequences.Builder texts = TokenSequences.builder();
        for (int i = 0; i < count; i++) {
            int[] ids = random.ints(2 + random.nextInt(longest - 1), 0, vocabulary).toArray();
            texts.add(ids, i % 6 == 5 ? ids.length : 1);
        }
        return texts.build();
    }

    /** Takes steps of AdamW. */
    TracedNetRun train(TokenSequences texts, int steps) {
        for (int step = 0; step < steps; step++) {
            backward(texts, step);
            for (Parameter parameter : net.getParameters().values()) {
                try (NDArray gradient = parameter.getArray().getGradient()) {
                    adam.update(parameter.getId(), parameter.getArray(), gradient);
                }
            }
        }
        return this;
    }

    /** Adds the gradient of four texts to the parameters' own. */
    void backward(TokenSequences texts, int first) {
        try (Batch batch = texts.batch(scope, SampleIndices.range(first, first + 4));
                GradientCollector collector = scope.getEngine().newGradientCollector()) {
            ParameterStore store = new ParameterStore(scope, false);
            NDList predictions = net.forward(store, batch.getData(), true);
            collector.backward(new CausalLmLoss().perSample(batch.getLabels(), predictions).mean());
        }
    }

    DjlModelOps traced() {
        return traced(new CausalLmLoss());
    }

    DjlModelOps traced(PerSampleLoss loss) {
        return new DjlModelOps(model, loss, adam, scope, 4);
    }

    DjlModelOps reference() {
        return reference(new CausalLmLoss());
    }

    DjlModelOps reference(PerSampleLoss loss) {
        return new DjlModelOps(untraced, loss, adam, scope, 4);
    }

    /** Parameters, their gradients and the optimizer's moments. */
    Map<String, float[]> state() {
        Map<String, float[]> state = new LinkedHashMap<>();
        for (Parameter parameter : net.getParameters().values()) {
            String name = parameter.getName();
            state.put(name, parameter.getArray().toFloatArray());
            try (NDArray gradient = parameter.getArray().getGradient()) {
                state.put(name + " gradient", gradient.toFloatArray());
            }
            adam.mean(parameter.getId()).ifPresent(m -> state.put(name + " m", m.toFloatArray()));
            adam.variance(parameter.getId())
                    .ifPresent(v -> state.put(name + " v", v.toFloatArray()));
        }
        return state;
    }

    static Samples samples(TokenSequences texts, long... indices) {
        return new Samples(texts, SampleIndices.of(indices));
    }

    @Override
    public void close() {
        adam.close();
        scope.close();
        untraced.close();
        model.close();
    }
}
