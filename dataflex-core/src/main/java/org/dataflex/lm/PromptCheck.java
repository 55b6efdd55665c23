package org.dataflex.lm;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.dataflex.model.GenerationOptions;

/** Refuses what a model cannot continue, all at once. */
final class PromptCheck {

    private final GenerationOptions options;
    private final DecoderConfig config;
    private final List<String> wrong = new ArrayList<>();

    private PromptCheck(GenerationOptions options, DecoderConfig config) {
        this.options = options;
        this.config = config;
    }

    /**
     * Checks prompts and the tokens that end answers.
     *
     * @throws IllegalArgumentException if some are wrong; the message has a line for each
     */
    static void check(List<int[]> prompts, GenerationOptions options, DecoderConfig config) {
        PromptCheck check = new PromptCheck(options, config);
        for (int i = 0; i < prompts.size(); i++) {
            check.prompt("prompts[" + i + "]", prompts.get(i));
        }
        for (int token : options.stopTokens()) {
            check.token("stopTokens has", token);
        }
        if (!check.wrong.isEmpty()) {
            throw new IllegalArgumentException(String.join(System.lineSeparator(), check.wrong));
        }
    }

    private void prompt(String name, int[] prompt) {
        if (prompt.length == 0) {
            wrong.add(name + " is empty; begin it with a token, such as the model's bos token");
        }
        IntStream.range(0, prompt.length)
                .filter(i -> !isToken(prompt[i]))
                .limit(1)
                .forEach(i -> token(name + "[" + i + "] =", prompt[i]));
        if ((long) prompt.length + options.maxNewTokens() > config.maxPositions()) {
            wrong.add(
                    "%s has %d tokens, with maxNewTokens = %d that is more than maxPositions = %d;"
                                    .formatted(
                                            name,
                                            prompt.length,
                                            options.maxNewTokens(),
                                            config.maxPositions())
                            + " shorten it or lower maxNewTokens");
        }
    }

    private void token(String name, int token) {
        if (!isToken(token)) {
            wrong.add(
                    "%s %d, must be a token id in [0, %d)"
                            .formatted(name, token, config.vocabularySize()));
        }
    }

    private boolean isToken(int id) {
        return id >= 0 && id < config.vocabularySize();
    }
}
