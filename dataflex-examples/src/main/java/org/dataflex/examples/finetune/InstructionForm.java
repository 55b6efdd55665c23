package org.dataflex.examples.finetune;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.dataflex.data.template.ChatTemplate;
import org.dataflex.data.template.Template;
import org.dataflex.lm.TextTokenizer;

/**
 * The form that a model's instructions are put in.
 *
 * @param template what encodes them
 * @param description says in one line which form it is
 */
public record InstructionForm(Template template, String description) {

    /**
     * Finds the form of a model: its own chat template, or the plain form if it has none.
     *
     * @param model a Hugging Face model directory
     * @param tokenizer its tokenizer
     * @param endOfText the tokens that end a text, for the plain form
     * @return the form
     * @throws IOException if its files cannot be read
     */
    public static InstructionForm of(Path model, TextTokenizer tokenizer, List<Integer> endOfText)
            throws IOException {
        Optional<ChatTemplate> own = ChatTemplate.find(model, tokenizer);
        if (own.isPresent()) {
            return new InstructionForm(
                    own.get(), "samples are put in the chat template of " + model);
        }
        return new InstructionForm(
                new PlainTemplate(tokenizer, endOfText),
                model + " has no chat template: samples are prompt, empty line and output");
    }
}
