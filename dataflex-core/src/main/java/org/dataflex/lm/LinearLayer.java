package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Linear;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.dataflex.torch.Precision;
import org.dataflex.torch.TorchOps;

/**
 * Multiplies each token's features by a matrix, and may add a bias: y = x W^T + b.
 *
 * <p>Differs from DJL's {@link Linear} in that its shape is known from the start and its parameters
 * bear the full name.
 */
final class LinearLayer extends DecoderBlock {

    private final Parameter weight;

    /** The bias, or null where there is none. */
    private final Parameter bias;

    private final String path;
    private final int outputs;

    /** What is added to the product, or null. */
    private LoraAdapter adapter;

    private Precision precision = Precision.FLOAT32;

    /**
     * Makes the block.
     *
     * @param path what comes before {@code .weight} in the parameters' names
     * @param inputs features of x
     * @param outputs features of y
     * @param hasBias whether there is a bias
     */
    LinearLayer(String path, int inputs, int outputs, boolean hasBias) {
        this.path = path;
        this.outputs = outputs;
        weight =
                addParameter(
                        Parameter.builder()
                                .setName(path + ".weight")
                                .setType(Parameter.Type.WEIGHT)
                                .optShape(new Shape(outputs, inputs))
                                .build());
        bias = hasBias ? addParameter(biasOf(path, outputs)) : null;
    }

    private static Parameter biasOf(String path, int outputs) {
        return Parameter.builder()
                .setName(path + ".bias")
                .setType(Parameter.Type.BIAS)
                .optShape(new Shape(outputs))
                .build();
    }

    @Override
    NDArray apply(DecoderPass pass, NDArray x) {
        NDArray in = pass.standIn(TorchOps.rounded(x, precision));
        NDArray w = pass.value(weight, in);
        NDArray b = pass.value(bias, in);
        NDArray y =
                pass.products(in, new NDList(w), () -> new NDList(product(in, w, b, precision)))
                        .head();
        tell(pass, in, y);
        return adapter == null ? y : adapter.plus(pass, in, y, precision, Precision.FLOAT32);
    }

    /**
     * Applies layers to one input, their matrices as one where that is faster.
     *
     * @param pass what all parts share
     * @param x features, [..., inputs]
     * @param result the type of what is returned, where x is float32
     * @param layers the layers, of one precision, with biases all or none
     * @return what each makes of it, [..., outputs]
     */
    static NDList applyAll(DecoderPass pass, NDArray x, Precision result, LinearLayer... layers) {
        NDList outputs = new NDList();
        Precision precision = layers[0].precision;
        if (precision == Precision.FLOAT32 && x.getDataType() != DataType.FLOAT32) {
            for (LinearLayer layer : layers) {
                outputs.add(layer.apply(pass, x));
            }
            return outputs;
        }
        NDArray in = pass.standIn(TorchOps.rounded(x, precision));
        NDList weights = new NDList();
        NDList biases = new NDList();
        List<LoraAdapter> adapters = new ArrayList<>();
        for (LinearLayer layer : layers) {
            weights.add(pass.value(layer.weight, in));
            if (layer.bias != null) {
                biases.add(pass.value(layer.bias, in));
            }
            adapters.add(layer.adapter);
        }
        NDList products =
                pass.products(
                        in,
                        weights,
                        () -> TorchOps.linears(in, weights, biases, precision, result));
        for (int i = 0; i < layers.length; i++) {
            layers[i].tell(pass, in, products.get(i));
        }
        if (adapters.stream().allMatch(adapter -> adapter != null && !adapter.drops(pass))) {
            return LoraAdapter.plusAll(pass, in, products, adapters, precision, result);
        }
        for (int i = 0; i < layers.length; i++) {
            NDArray y = products.get(i);
            LoraAdapter own = adapters.get(i);
            outputs.add(own == null ? y : own.plus(pass, in, y, precision, result));
        }
        return outputs;
    }

    private void tell(DecoderPass pass, NDArray x, NDArray y) {
        pass.tellProduct(weight, x, y, precision);
        pass.tellSum(bias, y);
    }

    /**
     * Multiplies; float32 arrays by way of the operator bridge, else in their own type.
     *
     * @param x features, [..., inputs]
     * @param weight [outputs, inputs]
     * @param bias [outputs], or null
     * @param precision the type in which to multiply
     * @return [..., outputs]
     */
    static NDArray product(NDArray x, NDArray weight, NDArray bias, Precision precision) {
        return precision == Precision.BFLOAT16 || x.getDataType() == DataType.FLOAT32
                ? TorchOps.linear(x, weight, bias, precision)
                : Linear.linear(x, weight, bias).singletonOrThrow();
    }

    /**
     * Sets the type in which to multiply.
     *
     * @param precision the type
     */
    void setPrecision(Precision precision) {
        this.precision = precision;
    }

    Precision precision() {
        return precision;
    }

    /**
     * Finds the linear layers within a block.
     *
     * @param block the block
     * @return the layers, in the order of their parameters
     */
    static Stream<LinearLayer> within(Block block) {
        return block instanceof LinearLayer layer
                ? Stream.of(layer)
                : block.getChildren().values().stream().flatMap(LinearLayer::within);
    }

    /**
     * Returns what comes before {@code .weight} in the parameter's name.
     *
     * @return such as "model.layers.0.mlp.up_proj"
     */
    String path() {
        return path;
    }

    Parameter weight() {
        return weight;
    }

    /** Tells whether two passes may drop different features. */
    boolean hasDropout() {
        return adapter != null && adapter.hasDropout();
    }

    /** Tells whether there is an adapter. */
    boolean isAdapted() {
        return adapter != null;
    }

    /** Returns the adapter's settings, if there is one. */
    Optional<LoraConfig> adapterConfig() {
        return Optional.ofNullable(adapter).map(LoraAdapter::config);
    }

    /**
     * Adds an adapter, which gets its values now or when the layer does.
     *
     * @param config its settings
     * @param seed what its values follow from
     */
    void adapt(LoraConfig config, long seed) {
        adapter = addChildBlock("lora", new LoraAdapter(path, weight.getShape(), config, seed));
        if (weight.isInitialized()) {
            NDArray w = weight.getArray();
            adapter.initialize(w.getManager(), w.getDataType(), new Shape(w.getShape().get(1)));
        }
    }

    /**
     * Takes the adapter away.
     *
     * @param isKept whether its effect stays, in the weight
     */
    void removeAdapter(boolean isKept) {
        if (isKept) {
            adapter.addTo(weight.getArray());
        }
        adapter.clear(); // frees its values
        adapter = null;
        children.clear();
    }

    @Override
    protected void initializeChildBlocks(
            NDManager manager, DataType dataType, Shape... inputShapes) {
        if (adapter != null) {
            adapter.initialize(manager, dataType, inputShapes);
        }
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        Shape x = inputShapes[0];
        return new Shape[] {x.slice(0, x.dimension() - 1).add(outputs)};
    }
}
