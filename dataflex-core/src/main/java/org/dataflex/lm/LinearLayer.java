package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Linear;
import java.util.Optional;
import java.util.stream.Stream;
import org.dataflex.torch.BackwardOps;
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
        return applyAll(pass, x, Precision.FLOAT32, this).head();
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
        Precision precision = layers[0].precision;
        NDArray in = pass.rounded(x, precision);
        NDList weights = new NDList();
        NDList biases = new NDList();
        for (LinearLayer layer : layers) {
            weights.add(pass.value(layer.weight, in));
            if (layer.bias != null) {
                biases.add(pass.value(layer.bias, in));
            }
        }
        boolean withAdapters =
                Stream.of(layers).allMatch(l -> l.isAdapted() && !l.adapter.drops(pass));
        if (withAdapters) { // what they make of x first, they make along with the layers
            Stream.of(layers).forEach(l -> weights.add(l.adapter.down(pass, in)));
        }
        NDList products = products(pass, in, weights, biases, precision, result);
        NDList outputs = new NDList();
        for (int i = 0; i < layers.length; i++) {
            NDArray low = withAdapters ? products.get(layers.length + i) : null;
            outputs.add(layers[i].output(pass, in, products.get(i), low, result));
        }
        return outputs;
    }

    /**
     * Adds to y what the adapter makes of x, if there is one; low is its first product, or null.
     */
    private NDArray output(DecoderPass pass, NDArray x, NDArray y, NDArray low, Precision result) {
        tell(pass, x, y);
        if (adapter == null) {
            return y;
        }
        if (low == null) {
            return adapter.plus(pass, x, y, precision, result);
        }
        adapter.tell(pass, x, low, precision);
        return adapter.widened(pass, low, y, result);
    }

    private void tell(DecoderPass pass, NDArray x, NDArray y) {
        pass.tellProduct(weight, x, y, precision);
        pass.tellSum(bias, y);
    }

    /**
     * Multiplies rounded features with weights; other types than float32 in their own type.
     *
     * @param x what {@link DecoderPass#rounded} made, [..., inputs]
     * @param weights [outputs, inputs] each
     * @param biases [outputs] each, of the first weights, or none
     * @param precision the type in which to multiply
     * @param result the type of the products, where x is float32 or bfloat16
     * @return [..., outputs] each
     */
    static NDList products(
            DecoderPass pass,
            NDArray x,
            NDList weights,
            NDList biases,
            Precision precision,
            Precision result) {
        return pass.operations(
                new NDList(x),
                xs -> products(xs.head(), weights, biases, precision, result),
                ds -> new NDList(BackwardOps.linears(ds, weights, x)));
    }

    private static NDList products(
            NDArray x, NDList weights, NDList biases, Precision precision, Precision result) {
        if (precision == Precision.BFLOAT16 || x.getDataType() == DataType.FLOAT32) {
            return TorchOps.linears(x, weights, biases, precision, result);
        }
        NDList ys = new NDList();
        for (int i = 0; i < weights.size(); i++) {
            NDArray bias = i < biases.size() ? biases.get(i) : null;
            ys.add(Linear.linear(x, weights.get(i), bias).singletonOrThrow());
        }
        return ys;
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
