package org.dataflex.lm;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.ParameterList;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.dataflex.model.BackbonePass;
import org.dataflex.model.BoundedLength;
import org.dataflex.model.BoundedVocabulary;
import org.dataflex.model.ConfiguredBlock;
import org.dataflex.model.GenerationOptions;
import org.dataflex.model.GenerativeBlock;
import org.dataflex.model.LinearHead;
import org.dataflex.model.ParameterTrace;
import org.dataflex.model.RoutedBlock;
import org.dataflex.model.UnsupportedModelException;
import org.dataflex.torch.Precision;

/**
 * A decoder that gives, at each token of a text, the logits of the next: Llama's architecture, and
 * what Mistral, Mixtral, Qwen2 and Qwen3 made of it.
 *
 * <p>Embedding, decoder layers, a last norm, and a head that may share the embedding's matrix. See
 * <a href="https://arxiv.org/abs/2302.13971">LLaMA: Open and Efficient Foundation Language
 * Models</a>, section 2.2. It computes in the type of its parameters, float32 or float64.
 *
 * <p>Inputs, of {@link #forward} and {@link #hiddenStates}:
 *
 * <ol>
 *   <li>input_ids, int64 [B, T], each in [0, V);
 *   <li>attention_mask, optional, float32 [B, T]: 1 at a real token, 0 at padding, on either side.
 *       No real token sees padding: it gets the same logits as without. Those at padding mean
 *       nothing. Padding on the right is cheaper, for no token sees what is to its right anyhow.
 * </ol>
 *
 * <p>Output: logits, [B, T, V]. The parameters are named as in Hugging Face's LlamaForCausalLM and
 * its like ({@code model.layers.0.self_attn.q_proj.weight}), both as keys of {@link #getParameters}
 * and by {@link Parameter#getName}. Matrices start normal(0, 0.02), norms at 1.
 */
public final class CausalLm extends AbstractBlock
        implements LinearHead,
                GenerativeBlock,
                BoundedLength,
                BoundedVocabulary,
                RoutedBlock,
                ConfiguredBlock {

    /** Llama's {@code initializer_range}. */
    private static final double INITIAL_DEVIATION = 0.02;

    private static final List<String> INPUT_NAMES = List.of("input_ids", "attention_mask");

    private final DecoderConfig config;
    private final RotaryEmbedding rotary;
    private final DecoderStack stack;

    /** The head, or null where the embedding's matrix serves. */
    private final LinearLayer head;

    private Precision precision = Precision.FLOAT32;
    private boolean checkpointing;
    private boolean packing;

    /**
     * Makes a model without values; it gets them when it is initialized or loaded.
     *
     * @param config the sizes
     * @param seed what the first values follow from: models of equal sizes and seeds are equal
     */
    public CausalLm(DecoderConfig config, long seed) {
        this.config = config;
        rotary = new RotaryEmbedding(config.headSize(), config.ropeTheta(), config.ropeScaling());
        int d = config.hiddenSize();
        Parameter embedding =
                addParameter(
                        Parameter.builder()
                                .setName("model.embed_tokens.weight")
                                .setType(Parameter.Type.WEIGHT)
                                .optShape(new Shape(config.vocabularySize(), d))
                                .build());
        List<DecoderLayer> layers = new ArrayList<>();
        for (int i = 0; i < config.numLayers(); i++) {
            String path = "model.layers." + i;
            layers.add(addChildBlock(path, new DecoderLayer(path, config)));
        }
        RmsNorm norm =
                addChildBlock("model.norm", new RmsNorm("model.norm", d, config.rmsNormEps()));
        stack = new DecoderStack(embedding, layers, norm);
        head =
                config.tieWordEmbeddings()
                        ? null
                        : addChildBlock(
                                "lm_head",
                                new LinearLayer("lm_head", d, config.vocabularySize(), false));
        drawFirstValuesFrom(seed);
    }

    private void drawFirstValuesFrom(long seed) {
        long mixed = new SplittableRandom(seed).nextLong();
        for (Pair<String, Parameter> named : getParameters()) {
            Parameter parameter = named.getValue();
            if (parameter.getType() == Parameter.Type.WEIGHT) {
                long own = mixed + named.getKey().hashCode();
                parameter.setInitializer(new SeededNormal(INITIAL_DEVIATION, own));
            }
        }
    }

    /**
     * Returns the model's sizes.
     *
     * @return the model's sizes
     */
    public DecoderConfig config() {
        return config;
    }

    /**
     * Sets the type in which matrices are multiplied, for models in float32.
     *
     * <p>In bfloat16 the parameters, their gradients and what flows between layers stay float32, so
     * that an optimizer sees nothing of it. It is faster where the device multiplies bfloat16.
     *
     * @param precision the type; default: the parameters' own
     */
    public void setPrecision(Precision precision) {
        this.precision = precision;
        LinearLayer.within(this).forEach(layer -> layer.setPrecision(precision));
    }

    /** Returns {@link DecoderConfig#maxPositions}. */
    @Override
    public int maxLength() {
        return config.maxPositions();
    }

    /** Returns {@link DecoderConfig#vocabularySize}. */
    @Override
    public int vocabularySize() {
        return config.vocabularySize();
    }

    @Override
    public Precision precision() {
        return precision;
    }

    /**
     * Sets whether {@link #backbone} keeps the layers' inputs only and runs each layer again in the
     * backward pass.
     *
     * <p>Training in a {@link org.dataflex.DynamicTrainer} then takes far less memory and about a
     * third more time, and gives the same bits: a run may go on with or without. A plain {@link
     * #forward} is recorded whole.
     *
     * @param checkpointing whether to; default: no
     */
    public void setActivationCheckpointing(boolean checkpointing) {
        this.checkpointing = checkpointing;
    }

    /**
     * Sets whether the samples of a batch are packed: put end to end in one row, their padding left
     * out.
     *
     * <p>Whatever handles tokens one by one, which is all but attention, then handles no padding.
     * In attention each sample sees itself alone, at positions from 0, a sliding window included.
     * Results are those of unpacked samples but for rounding, and outside the model nothing
     * changes: batches, losses, weights and selections speak of samples. As rounding differs, a run
     * that was packed cannot go on unpacked, nor the other way round.
     *
     * <p>Samples are packed where there is an attention_mask with padding on the right, and no
     * gradient of a single sample is asked for. Left padding stays as it is.
     *
     * @param packing whether to; default: no
     */
    public void setPacking(boolean packing) {
        this.packing = packing;
    }

    /** Returns precision, packing, and by what adapters are scaled. */
    @Override
    public Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("precision", precision.toString());
        settings.put("packing", Boolean.toString(packing));
        settings.put(
                "adapters",
                LinearLayer.within(this)
                        .flatMap(layer -> layer.adapterConfig().stream())
                        .findFirst() // they have it in common
                        .map(lora -> "scale " + lora.scale() + ", dropout " + lora.dropout())
                        .orElse("none"));
        return settings;
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        try (NDArray states = hiddenStates(store, inputs, training)) {
            return new NDList(logits(store, states, training));
        }
    }

    @Override
    public NDList forward(ParameterStore parameters, NDList inputs, ParameterTrace trace) {
        DecoderPass pass = pass(parameters, inputs, false, trace);
        return new NDList(logits(pass, stack.states(pass, inputs.head())));
    }

    @Override
    public NDArray hiddenStates(ParameterStore parameters, NDList inputs, ParameterTrace trace) {
        return stack.states(pass(parameters, inputs, false, trace), inputs.head());
    }

    @Override
    public NDArray logits(ParameterStore parameters, NDArray states, boolean training) {
        return logits(new DecoderPass(parameters, training, new NDList(), null), states);
    }

    private NDArray logits(DecoderPass pass, NDArray states) {
        if (head != null) {
            return head.apply(pass, states);
        }
        Parameter shared = stack.embedding();
        NDArray in = pass.rounded(states, precision);
        NDList weights = new NDList(pass.value(shared, in));
        NDArray logits =
                LinearLayer.products(pass, in, weights, new NDList(), precision, Precision.FLOAT32)
                        .head();
        pass.tellProduct(shared, in, logits, precision);
        return logits;
    }

    @Override
    public Optional<NDArray> headWeight(
            ParameterStore parameters, Device device, boolean training) {
        if (head != null && head.isAdapted()) {
            return Optional.empty();
        }
        Parameter weight = head == null ? stack.embedding() : head.weight();
        return Optional.of(parameters.getValue(weight, device, training));
    }

    @Override
    public BackbonePass backbone(ParameterStore parameters, NDList inputs) {
        if (checkpointing) {
            fetchValues(parameters, inputs.head().getDevice(), true);
            DecoderPass pass = pass(parameters, inputs, true, null);
            boolean hasDropout = LinearLayer.within(this).anyMatch(LinearLayer::hasDropout);
            return new CheckpointedStates(stack, pass, inputs.head(), hasDropout);
        }
        return new RecordedStates(hiddenStates(parameters, inputs, true));
    }

    @Override
    public boolean hasExperts() {
        return config.experts() != null;
    }

    @Override
    public double[][] expertLoads(ParameterStore parameters, NDList inputs) {
        if (!hasExperts()) {
            throw new UnsupportedModelException(
                    "the decoder has no experts whose loads could be counted; give it some by"
                            + " DecoderConfigBuilder.optExperts, or take a Mixtral or Qwen-MoE");
        }
        ExpertLoads loads = new ExpertLoads(tokenMask(inputs));
        fetchValues(parameters, inputs.head().getDevice(), false);
        DecoderPass pass = pass(parameters, inputs, false, null).counting(loads);
        stack.states(pass, inputs.head());
        return loads.counts();
    }

    /**
     * Returns the names of the routers' matrices, for {@link Freezing#parameters}.
     *
     * @return such as {@code model.layers.0.block_sparse_moe.gate.weight}, by layer; empty for a
     *     model without experts
     */
    public List<String> routerNames() {
        return stack.layers().stream()
                .flatMap(layer -> layer.experts().stream())
                .map(experts -> experts.router().weight().getName())
                .toList();
    }

    @Override
    public List<int[]> generate(
            ParameterStore parameters,
            NDManager manager,
            List<int[]> prompts,
            GenerationOptions options) {
        fetchValues(parameters, manager.getDevice(), false);
        return new Generation(config, rotary, this::lastLogits, options)
                .generate(parameters, manager, prompts);
    }

    /** The logits at the last token of each row, [B, V]. */
    NDArray lastLogits(DecoderPass pass, NDArray ids) {
        return logits(pass, stack.states(pass, ids).get(new NDIndex(":, -1")));
    }

    /**
     * Runs the model up to its last norm, without the head.
     *
     * @param parameters where the parameters' values are
     * @param inputs as for {@link #forward}
     * @param training whether the values are to get gradients; there is no dropout
     * @return the states, [B, T, D]
     * @throws IllegalArgumentException if the inputs have other shapes than [B, T], or more tokens
     *     than {@link DecoderConfig#maxPositions}
     */
    @Override
    public NDArray hiddenStates(ParameterStore parameters, NDList inputs, boolean training) {
        fetchValues(parameters, inputs.head().getDevice(), training);
        return Temporaries.freeing(
                        () -> {
                            DecoderPass pass = pass(parameters, inputs, training, null);
                            return new NDList(stack.states(pass, inputs.head()));
                        })
                .singletonOrThrow();
    }

    private DecoderPass pass(
            ParameterStore store, NDList inputs, boolean training, ParameterTrace trace) {
        checkShapes(inputs);
        NDArray ids = inputs.get(0);
        Optional<Packing> packed = packing && trace == null ? Packing.of(inputs) : Optional.empty();
        NDList positions = rotary.turns(ids.getManager(), ids.getShape().get(1));
        NDList masked = packed.isPresent() ? new NDList(ids) : inputs; // padding is on the right
        NDArray mask = VisibleTokens.mask(masked, config.slidingWindow());
        if (mask != null) {
            positions.add(mask);
        }
        return new DecoderPass(store, training, positions, trace).packed(packed.orElse(null));
    }

    /**
     * Tells real tokens from padding: the attention_mask, or ones where there is none.
     *
     * @param inputs as for {@link #forward}
     * @return float32 [B, T]; the input itself if there is one
     */
    @Override
    public NDArray tokenMask(NDList inputs) {
        NDArray ids = inputs.get(0);
        return inputs.size() > 1
                ? inputs.get(1).toType(DataType.FLOAT32, false)
                : ids.getManager().ones(ids.getShape(), DataType.FLOAT32);
    }

    /** Makes a device's copies of parameters, if there are to be any, before temporaries die. */
    private void fetchValues(ParameterStore store, Device device, boolean training) {
        for (Parameter parameter : getParameters().values()) {
            store.getValue(parameter, device, training);
        }
    }

    private void checkShapes(NDList inputs) {
        Shape ids = inputs.get(0).getShape();
        if (ids.dimension() != 2) {
            throw new IllegalArgumentException(
                    "input_ids have shape " + ids + ", must be (samples, tokens)");
        }
        if (ids.size() == 0) {
            throw new IllegalArgumentException(
                    "input_ids have shape "
                            + ids
                            + ", must be of at least one sample and one token");
        }
        if (ids.get(1) > config.maxPositions()) {
            throw new IllegalArgumentException(
                    "a sequence of %d tokens, but maxPositions = %d; cut it or raise maxPositions"
                            .formatted(ids.get(1), config.maxPositions()));
        }
        if (inputs.size() > 1 && !inputs.get(1).getShape().equals(ids)) {
            throw new IllegalArgumentException(
                    "attention_mask has shape %s, input_ids %s; they must be equal"
                            .formatted(inputs.get(1).getShape(), ids));
        }
    }

    /** Returns all parameters by the names that Hugging Face's LlamaForCausalLM gives them. */
    @Override
    public ParameterList getParameters() {
        ParameterList named = new ParameterList();
        for (Parameter parameter : super.getParameters().values()) {
            named.add(parameter.getName(), parameter);
        }
        return named;
    }

    /**
     * Gives the parameters that have no values their first.
     *
     * @param manager whose arrays they shall be
     * @param dataType float32 or float64
     * @param inputShapes [B, T], and again if there is to be an attention_mask
     * @throws IllegalArgumentException if the data type is another
     */
    @Override
    public void initialize(NDManager manager, DataType dataType, Shape... inputShapes) {
        if (dataType != DataType.FLOAT32 && dataType != DataType.FLOAT64) {
            throw new IllegalArgumentException(
                    "data type " + dataType + ", must be float32 or float64");
        }
        super.initialize(manager, dataType, inputShapes);
    }

    @Override
    protected void beforeInitialize(Shape... inputShapes) {
        inputNames = INPUT_NAMES.subList(0, inputShapes.length);
        super.beforeInitialize(inputShapes);
    }

    @Override
    protected void initializeChildBlocks(
            NDManager manager, DataType dataType, Shape... inputShapes) {
        Shape states = inputShapes[0].add(config.hiddenSize());
        stack.layers().forEach(layer -> layer.initialize(manager, dataType, states));
        stack.norm().initialize(manager, dataType, states);
        if (head != null) {
            head.initialize(manager, dataType, states);
        }
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {inputShapes[0].add(config.vocabularySize())};
    }

    /**
     * Reads all values.
     *
     * @param manager whose arrays they shall be
     * @param is where from
     * @throws IOException if they cannot be read
     * @throws MalformedModelException if they are those of a model of other sizes
     */
    @Override
    public void loadParameters(NDManager manager, DataInputStream is)
            throws IOException, MalformedModelException {
        List<Shape> expected = getParameters().values().stream().map(Parameter::getShape).toList();
        super.loadParameters(manager, is);
        List<Parameter> loaded = getParameters().values();
        for (int i = 0; i < expected.size(); i++) {
            Parameter parameter = loaded.get(i);
            if (!parameter.getShape().equals(expected.get(i))) {
                throw new MalformedModelException(
                        "%s has shape %s in the file, but %s by %s"
                                .formatted(
                                        parameter.getName(),
                                        parameter.getShape(),
                                        expected.get(i),
                                        config));
            }
        }
    }
}
