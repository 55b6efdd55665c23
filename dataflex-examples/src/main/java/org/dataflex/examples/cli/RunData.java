package org.dataflex.examples.cli;

import ai.djl.training.util.ProgressBar;
import java.io.IOException;
import java.nio.file.Path;
import org.dataflex.data.format.DatasetFile;
import org.dataflex.data.format.DatasetInfo;
import org.dataflex.data.store.PreparedData;
import org.dataflex.data.store.PreparedDataBuilder;
import org.dataflex.data.template.ChatTemplate;
import org.dataflex.data.template.NamedTemplate;
import org.dataflex.data.template.Template;
import org.dataflex.examples.config.DataKeys;

/** Opens the datasets that a configuration names, tokenized once and kept. */
final class RunData {

    private RunData() {}

    /**
     * Opens the datasets.
     *
     * @param keys which, and how
     * @param model whose tokenizer and template are used
     * @param store where tokens are kept
     * @param seed of what is held out
     * @return the data; to be closed
     * @throws IOException if a file cannot be read or a row is no sample
     */
    static PreparedData open(DataKeys keys, ModelSource model, Path store, long seed)
            throws IOException {
        DatasetInfo info = DatasetInfo.read(keys.directory());
        PreparedDataBuilder data =
                PreparedData.builder()
                        .setTokenizer(model.tokenizer())
                        .setStore(store)
                        .optCutoffLength(keys.cutoff())
                        .optMaxSamples(keys.maxSamples())
                        .optTrainOnPrompt(keys.trainOnPrompt())
                        .optMaskHistory(keys.maskHistory())
                        .optValidationSize(keys.validationShare())
                        .optSeed(seed)
                        .optProgress(new ProgressBar());
        if (keys.stage() == DataKeys.Stage.SFT) {
            data.optTemplate(template(keys, model));
        }
        for (String name : keys.datasets()) {
            data.addDomain(dataset(info, name, keys));
        }
        for (String name : keys.evaluations()) {
            data.addEvaluationSet(dataset(info, name, keys));
        }
        for (String name : keys.targets()) {
            data.addTargetSet(dataset(info, name, keys));
        }
        return data.build();
    }

    private static Template template(DataKeys keys, ModelSource model) throws IOException {
        return keys.template().isPresent()
                ? NamedTemplate.of(keys.template().get(), model.tokenizer())
                : ChatTemplate.open(model.directory(), model.tokenizer());
    }

    private static DatasetFile dataset(DatasetInfo info, String name, DataKeys keys)
            throws IOException {
        DatasetFile file = info.dataset(name);
        return keys.stage() == DataKeys.Stage.PT ? file.asTexts() : file;
    }
}
