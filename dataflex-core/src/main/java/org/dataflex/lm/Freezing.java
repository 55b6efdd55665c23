package org.dataflex.lm;

import ai.djl.nn.Parameter;
import ai.djl.nn.ParameterList;
import java.util.Collection;
import java.util.List;

/**
 * Says which parameters of a model are trained; the others get no gradients and no optimizer state.
 *
 * <p>Say it before a trainer is made. For low-rank adapters see {@link Lora}, which freezes by
 * itself.
 */
public final class Freezing {

    private Freezing() {}

    /**
     * Lets all parameters be trained.
     *
     * @param model the model
     */
    public static void none(CausalLm model) {
        model.freezeParameters(false);
    }

    /**
     * Lets no parameter be trained, as befits a reference model.
     *
     * @param model the model
     */
    public static void all(CausalLm model) {
        model.freezeParameters(true);
    }

    /**
     * Lets only the last decoder layers be trained; embedding, last norm and head are not.
     *
     * @param model the model
     * @param numLayers how many
     * @throws IllegalArgumentException if the model has fewer
     */
    public static void allButLastLayers(CausalLm model, int numLayers) {
        int all = model.config().numLayers();
        if (numLayers < 0 || numLayers > all) {
            throw new IllegalArgumentException(
                    "numLayers = %d, must be from 0 to %d".formatted(numLayers, all));
        }
        for (Parameter parameter : model.getParameters().values()) {
            parameter.freeze(layerOf(parameter.getName()) < all - numLayers);
        }
    }

    /**
     * Lets some parameters no longer be trained; the others stay as they are.
     *
     * <p>The routers of a mixture of experts are {@code parameters(model, model.routerNames())}.
     *
     * @param model the model
     * @param names the parameters' whole names
     * @throws IllegalArgumentException if the model has no parameter of a name; nothing is frozen
     */
    public static void parameters(CausalLm model, Collection<String> names) {
        ParameterList all = model.getParameters();
        List<String> unknown = names.stream().filter(name -> !all.contains(name)).toList();
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    "the model has no parameters "
                            + unknown
                            + "; getParameters().keys() lists their names");
        }
        names.forEach(name -> all.get(name).freeze(true));
    }

    /** Returns the index in model.layers.INDEX, or -1 for what is in no layer. */
    private static int layerOf(String name) {
        String[] parts = name.split("\\.");
        return parts[1].equals("layers") ? Integer.parseInt(parts[2]) : -1;
    }
}
