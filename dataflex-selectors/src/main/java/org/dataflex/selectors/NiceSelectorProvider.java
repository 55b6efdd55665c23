package org.dataflex.selectors;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.dataflex.strategy.Selector;
import org.dataflex.strategy.Settings;
import org.dataflex.strategy.StrategyProvider;

/**
 * Makes a {@link NiceSelector} by the name {@code nice}.
 *
 * <p>Settings: {@code prompts} (required; the subtasks as {@code name:path,name:path}, JSON Lines
 * files of objects with {@code prompt} and perhaps {@code reference}), {@code tokenizer} (required;
 * a {@code tokenizer.json}), {@code reward} (required: exact, numeric, regex, endpoint) and its
 * {@code pattern} or {@code endpoint}, {@code endpointModel}, {@code apiKeyVariable}, {@code
 * timeoutSeconds}, {@code retries}; {@code rewardFile}; {@code mcSamples}, {@code maxNewTokens},
 * {@code temperature}, {@code topK}, {@code topP}, {@code stopTokens} (ids), {@code seed}, {@code
 * baseline}, {@code rejectBelow}, {@code topAnswers}, {@code preconditioner} (adam, none), {@code
 * compatibility} (none, dataflex), {@code parameters} (a regular expression), {@code chunkSize},
 * {@code scoreDirectory}. A reward model is set in Java.
 */
public final class NiceSelectorProvider implements StrategyProvider<Selector> {

    /** Made by {@link java.util.ServiceLoader}. */
    public NiceSelectorProvider() {}

    @Override
    public Class<Selector> kind() {
        return Selector.class;
    }

    @Override
    public String name() {
        return NiceSelector.NAME;
    }

    @Override
    public Selector create(Settings settings) {
        NiceSelectorBuilder builder =
                NiceSelector.builder()
                        .setReward(RewardSettings.read(settings))
                        .optBaseline(settings.flag("baseline", false))
                        .optPreconditioner(
                                settings.choice("preconditioner", NiceSelector.PRECONDITIONER))
                        .optCompatibility(settings.choice("compatibility", Compatibility.NONE))
                        .optParameters(ParameterNames.read(settings, NiceSelector.PARAMETERS))
                        .optChunkSize(settings.integer("chunkSize", NiceSelector.CHUNK_SIZE));
        if (settings.isSet("rejectBelow")) {
            builder.optRejectBelow(settings.decimal("rejectBelow", 0));
        }
        if (settings.isSet("topAnswers")) {
            builder.optTopAnswers(settings.integer("topAnswers", 0));
        }
        if (settings.isSet("rewardFile")) {
            builder.optRewardFile(settings.path("rewardFile"));
        }
        if (settings.isSet("scoreDirectory")) {
            builder.optScoreDirectory(settings.path("scoreDirectory"));
        }
        readGeneration(settings, builder);
        Tokenizer tokenizer = tokenizer(settings);
        PromptFiles.read(settings, tokenizer).forEach(builder::addSubtask);
        return builder.setTokenizer(tokenizer).build();
    }

    private static void readGeneration(Settings settings, NiceSelectorBuilder builder) {
        double[] stop = settings.decimals("stopTokens");
        builder.optMcSamples(settings.integer("mcSamples", NiceSelector.MC_SAMPLES))
                .optMaxNewTokens(settings.integer("maxNewTokens", NiceSelector.MAX_NEW_TOKENS))
                .optTemperature(settings.decimal("temperature", NiceSelector.TEMPERATURE))
                .optLikeliest(settings.integer("topK", 0), settings.decimal("topP", 1))
                .optSeed(settings.integer("seed", 0))
                .addStopTokens(Arrays.stream(stop).mapToObj(id -> tokenId(id)).toList());
    }

    private static int tokenId(double number) {
        if (number < 0 || number > Integer.MAX_VALUE || number != Math.rint(number)) {
            throw new IllegalArgumentException(
                    "stopTokens has " + number + ", must be token ids, separated by commas");
        }
        return (int) number;
    }

    /** It stays open as long as the process lives. */
    private static Tokenizer tokenizer(Settings settings) {
        String path = settings.text("tokenizer", null);
        if (path == null || !Files.isRegularFile(Path.of(path))) {
            throw new IllegalArgumentException(
                    "tokenizer = "
                            + (path == null ? null : "'" + path + "'")
                            + ", must be the tokenizer.json of the model in training");
        }
        HuggingFaceTokenizer tokenizer;
        try {
            tokenizer =
                    HuggingFaceTokenizer.builder()
                            .optTokenizerPath(Path.of(path))
                            .optTruncation(false)
                            .optPadding(false)
                            .build();
        } catch (IOException | RuntimeException e) {
            throw new IllegalArgumentException(
                    "tokenizer = '" + path + "' is not a tokenizer: " + e.getMessage(), e);
        }
        return Tokenizer.of(
                text ->
                        Arrays.stream(tokenizer.encode(text, true, false).getIds())
                                .mapToInt(Math::toIntExact)
                                .toArray(),
                ids -> tokenizer.decode(IntStream.of(ids).asLongStream().toArray(), true));
    }
}
