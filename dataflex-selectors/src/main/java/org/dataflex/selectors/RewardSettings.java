package org.dataflex.selectors;

import java.net.URI;
import java.time.Duration;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.dataflex.selectors.reward.ChatEndpoint;
import org.dataflex.selectors.reward.ExactMatch;
import org.dataflex.selectors.reward.NumericAnswer;
import org.dataflex.selectors.reward.RegularExpression;
import org.dataflex.selectors.reward.Reward;
import org.dataflex.strategy.Settings;

/** A reward that settings name. */
final class RewardSettings {

    private RewardSettings() {}

    /**
     * Reads {@code reward}, and what that reward needs.
     *
     * @param settings the settings
     * @return the reward
     * @throws IllegalArgumentException if there is none, or it lacks something
     */
    static Reward read(Settings settings) {
        String name = settings.text("reward", null);
        return switch (name == null ? "" : name) {
            case "exact" -> new ExactMatch();
            case "numeric" -> new NumericAnswer();
            case "regex" -> new RegularExpression(pattern(required(settings, "pattern")));
            case "endpoint" -> endpoint(settings);
            default ->
                    throw new IllegalArgumentException(
                            "reward = "
                                    + (name == null ? null : "'" + name + "'")
                                    + ", must be one of exact, numeric, regex, endpoint; set others"
                                    + " in Java");
        };
    }

    private static Pattern pattern(String text) {
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "pattern = '" + text + "' is not a regular expression: " + e.getDescription(),
                    e);
        }
    }

    private static Reward endpoint(Settings settings) {
        ChatEndpoint.Builder builder =
                ChatEndpoint.builder()
                        .setUri(uri(required(settings, "endpoint")))
                        .setModel(required(settings, "endpointModel"));
        if (settings.isSet("apiKeyVariable")) {
            builder.optApiKey(apiKey(settings.text("apiKeyVariable", null)));
        }
        double seconds =
                SettingRange.above0(
                        "timeoutSeconds",
                        settings.decimal("timeoutSeconds", ChatEndpoint.TIMEOUT.toSeconds()));
        return builder.optTimeout(Duration.ofNanos((long) (seconds * 1e9)))
                .optRetries(
                        SettingRange.atLeast0(
                                "retries", settings.integer("retries", ChatEndpoint.RETRIES)),
                        ChatEndpoint.PAUSE)
                .build();
    }

    private static URI uri(String address) {
        try {
            return URI.create(address);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "endpoint = '"
                            + address
                            + "', must be like http://localhost:8000/v1/chat/completions",
                    e);
        }
    }

    private static String apiKey(String variable) {
        String key = System.getenv(variable);
        if (key == null) {
            throw new IllegalArgumentException(
                    "apiKeyVariable = '" + variable + "' is not an environment variable; set it");
        }
        return key;
    }

    private static String required(Settings settings, String name) {
        String value = settings.text(name, null);
        if (value == null) {
            throw new IllegalArgumentException(
                    name + " = null, reward " + settings.text("reward", null) + " needs it");
        }
        return value;
    }
}
