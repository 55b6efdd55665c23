package org.dataflex.lm;

import ai.djl.nn.Parameter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.dataflex.torch.GraphRecording;

/**
 * Low-rank adapters: a model learns a small change of its matrices, which themselves stay.
 *
 * <p>A layer y = W x becomes y = W x + s B A dropout(x), with A [r, inputs] and B [outputs, r]. B
 * starts at zero, therefore the model computes at first what it did before; A starts uniform in
 * +-1/sqrt(inputs), as in PEFT. All other parameters are frozen, none is copied.
 *
 * <p>The adapters belong to the model: its {@code getParameters}, saving and closing include them.
 * Dropout draws from the engine's generator ({@code Engine.setRandomSeed}).
 *
 * @see <a href="https://arxiv.org/abs/2106.09685">LoRA: Low-Rank Adaptation of Large Language
 *     Models</a>, eq. 3
 * @see <a href="https://arxiv.org/abs/2312.03732">A Rank Stabilization Scaling Factor for
 *     Fine-Tuning with LoRA</a>
 */
public final class Lora {

    private static final String PEFT_PREFIX = "base_model.model.";

    private final CausalLm model;
    private final LoraConfig config;
    private final List<LinearLayer> layers;

    private Lora(CausalLm model, LoraConfig config, List<LinearLayer> layers) {
        this.model = model;
        this.config = config;
        this.layers = layers;
    }

    /**
     * Adds adapters to a model, and freezes all its other parameters.
     *
     * <p>A model that has values gives its adapters theirs at once, in the same data type and
     * manager; otherwise they get them when it is initialized or loaded.
     *
     * @param model the model, without adapters; no trainer has it yet
     * @param config the settings
     * @param seed what the first values follow from
     * @return the adapters
     * @throws IllegalArgumentException if a target is no layer of the model
     * @throws IllegalStateException if the model has adapters
     */
    public static Lora attach(CausalLm model, LoraConfig config, long seed) {
        if (LinearLayer.within(model).anyMatch(LinearLayer::isAdapted)) {
            throw new IllegalStateException("the model has adapters; merge or remove them first");
        }
        List<LinearLayer> layers = targets(model, config.targets());
        model.freezeParameters(true);
        long mixed = new SplittableRandom(seed).nextLong();
        for (LinearLayer layer : layers) {
            layer.adapt(config, mixed + layer.path().hashCode());
        }
        return new Lora(model, config, layers);
    }

    private static List<LinearLayer> targets(CausalLm model, Set<String> targets) {
        Set<String> unknown = new TreeSet<>(targets);
        unknown.removeIf(t -> LinearLayer.within(model).anyMatch(l -> endsWith(l.path(), t)));
        if (!unknown.isEmpty()) {
            String known =
                    LinearLayer.within(model)
                            .map(Lora::lastPart)
                            .distinct()
                            .collect(Collectors.joining(", "));
            throw new IllegalArgumentException(
                    "targets "
                            + unknown
                            + " end no linear layer's name; the last parts are "
                            + known);
        }
        return LinearLayer.within(model)
                .filter(
                        layer ->
                                targets.isEmpty()
                                        ? !layer.path().equals("lm_head") && !isRouter(model, layer)
                                        : targets.stream().anyMatch(t -> endsWith(layer.path(), t)))
                .toList();
    }

    private static boolean isRouter(CausalLm model, LinearLayer layer) {
        return model.routerNames().contains(layer.weight().getName());
    }

    private static String lastPart(LinearLayer layer) {
        return layer.path().substring(layer.path().lastIndexOf('.') + 1);
    }

    private static boolean endsWith(String path, String target) {
        return path.equals(target) || path.endsWith("." + target);
    }

    /**
     * Returns the settings.
     *
     * @return the settings
     */
    public LoraConfig config() {
        return config;
    }

    /** The adapted layers, in the model's order. */
    List<LinearLayer> layers() {
        return layers;
    }

    /** Ends of the adapted layers' names, also where the settings name none. */
    Set<String> targets() {
        return config.targets().isEmpty()
                ? layers.stream().map(Lora::lastPart).collect(Collectors.toSet())
                : config.targets();
    }

    /**
     * Returns the adapters' parameters by the names in PEFT's {@code adapter_model.safetensors}.
     *
     * @return the parameters, by names such as {@code
     *     base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight}, in the model's order;
     *     empty after {@link #merge} and {@link #remove}
     */
    public Map<String, Parameter> parameters() {
        Map<String, Parameter> named = new LinkedHashMap<>();
        for (Parameter parameter : model.getParameters().values()) {
            if (parameter.getName().contains(".lora_")) {
                named.put(PEFT_PREFIX + parameter.getName(), parameter);
            }
        }
        return named;
    }

    /**
     * Adds what the adapters learned to the model's matrices, and takes the adapters away.
     *
     * <p>The parameters stay frozen. A trainer that was made with the adapters is of no use after.
     *
     * @throws IllegalStateException if they are away already
     */
    public void merge() {
        takeAway(true);
    }

    /**
     * Takes the adapters away; the model is what it was before, its parameters still frozen.
     *
     * @throws IllegalStateException if they are away already
     */
    public void remove() {
        takeAway(false);
    }

    private void takeAway(boolean isKept) {
        if (parameters().isEmpty()) {
            throw new IllegalStateException("the adapters were merged or removed before");
        }
        GraphRecording.without(
                () -> {
                    layers.forEach(layer -> layer.removeAdapter(isKept));
                    return null;
                });
    }
}
