package org.dataflex.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import java.util.List;
import java.util.stream.IntStream;
import org.dataflex.model.GenerationOptions;

/**
 * Continues texts with a model, where its parameters are.
 *
 * @param model the model; the caller keeps it
 * @param tokenizer the model's tokenizer; the caller closes it
 */
public record TextCompletion(CausalLm model, TextTokenizer tokenizer) {

    /**
     * Continues each prompt.
     *
     * @param prompts texts; the tokenizer adds the special tokens that it begins a text with
     * @param options how
     * @return what comes after each prompt, special tokens left out
     * @throws IllegalArgumentException as {@link CausalLm#generate}
     */
    public List<String> complete(List<String> prompts, GenerationOptions options) {
        List<int[]> before = prompts.stream().map(tokenizer::encode).toList();
        NDArray parameter = model.getParameters().valueAt(0).getArray();
        try (NDManager manager = parameter.getManager().newSubManager(parameter.getDevice())) {
            ParameterStore store = new ParameterStore(manager, false);
            List<int[]> added = model.generate(store, manager, before, options);
            return IntStream.range(0, added.size())
                    .mapToObj(i -> continuation(before.get(i), added.get(i)))
                    .toList();
        }
    }

    /** Decodes both: alone, the new tokens may lose the space that they begin with. */
    private String continuation(int[] before, int[] added) {
        int[] all = IntStream.concat(IntStream.of(before), IntStream.of(added)).toArray();
        return tokenizer.decode(all).substring(tokenizer.decode(before).length());
    }
}
