package org.dataflex.selectors.reward;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a language model behind an OpenAI-compatible endpoint ({@code POST .../chat/completions})
 * rates an answer, asked for a number from 0 to 1.
 *
 * <p>Asked at temperature 0, an answer a request, one after the other. A request that fails by
 * connection, by time, by status 429 or by one from 500 is repeated after a pause that doubles;
 * what fails then, or is no number from 0 to 1, is an error.
 */
public final class ChatEndpoint implements Reward {

    /** Enough for a sentence that a large model must read first. */
    public static final Duration TIMEOUT = Duration.ofSeconds(60);

    /** With a pause of 1 s at first: 7 s of patience. */
    public static final int RETRIES = 3;

    /** Doubles with each retry. */
    public static final Duration PAUSE = Duration.ofSeconds(1);

    private static final Pattern NUMBER =
            Pattern.compile("[-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?");

    private final URI uri;
    private final String model;
    private final String apiKey;
    private final Duration timeout;
    private final int retries;
    private final Duration pause;
    private final HttpClient client;

    private ChatEndpoint(Builder builder) {
        this.uri = builder.uri;
        this.model = builder.model;
        this.apiKey = builder.apiKey;
        this.timeout = builder.timeout;
        this.retries = builder.retries;
        this.pause = builder.pause;
        this.client = HttpClient.newBuilder().connectTimeout(timeout).build();
    }

    /**
     * Starts an endpoint.
     *
     * @return a new builder; it needs an address and a model
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Asks for a rating.
     *
     * @throws java.io.UncheckedIOException if the endpoint is down, slow or refuses, after the last
     *     retry
     * @throws IllegalStateException if it answers something else than a number from 0 to 1, or the
     *     thread is interrupted
     */
    @Override
    public double of(Answer answer) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri)
                        .timeout(timeout)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(ChatMessages.request(model, answer)));
        if (apiKey != null) {
            request.header("Authorization", "Bearer " + apiKey);
        }
        String body = new PatientRequest(client, retries, pause).send(request.build());
        return rating(ChatMessages.content(uri, body));
    }

    private double rating(String content) {
        Matcher matcher = NUMBER.matcher(content.strip());
        double rating = matcher.matches() ? Double.parseDouble(matcher.group()) : Double.NaN;
        if (!(rating >= 0 && rating <= 1)) {
            throw new IllegalStateException(
                    "reward endpoint "
                            + Address.of(uri)
                            + " answered '"
                            + Excerpt.of(content)
                            + "', must be a number from 0 to 1 alone; model "
                            + model
                            + " does not follow the instruction, try another");
        }
        return rating;
    }

    @Override
    public String description() {
        return "endpoint " + Address.of(uri) + " " + model;
    }

    /** Collects the settings of a {@link ChatEndpoint}. */
    public static final class Builder {

        private URI uri;
        private String model;
        private String apiKey;
        private Duration timeout = TIMEOUT;
        private int retries = RETRIES;
        private Duration pause = PAUSE;

        private Builder() {}

        /**
         * Sets the address.
         *
         * @param uri http or https, the whole of it, such as {@code
         *     http://localhost:8000/v1/chat/completions}; a query is sent, but never shown
         * @return this
         * @throws IllegalArgumentException if it is not such an address
         */
        public Builder setUri(URI uri) {
            String scheme = uri.getScheme();
            if (!("http".equals(scheme) || "https".equals(scheme)) || uri.getHost() == null) {
                throw new IllegalArgumentException(
                        "endpoint = '"
                                + uri
                                + "', must be like http://localhost:8000/v1/chat/completions");
            }
            if (uri.getRawUserInfo() != null) {
                throw new IllegalArgumentException(
                        "endpoint has a user's name or password before "
                                + uri.getHost()
                                + ", which would be logged; leave them out, and give the key by"
                                + " optApiKey (by name apiKeyVariable)");
            }
            this.uri = uri;
            return this;
        }

        /**
         * Sets which model rates.
         *
         * @param model its name at the endpoint
         * @return this
         */
        public Builder setModel(String model) {
            this.model = Objects.requireNonNull(model, "model");
            return this;
        }

        /**
         * Sets the key that is sent as a bearer token; it is never logged.
         *
         * @param apiKey the key, in printable ASCII; white space around it, such as a file's last
         *     line end, is left out; by default none is sent
         * @return this
         * @throws IllegalArgumentException if no header may have it; the message does not show it
         */
        public Builder optApiKey(String apiKey) {
            String key = apiKey.strip();
            if (!key.matches("[!-~]+")) {
                throw new IllegalArgumentException(
                        "apiKey (by name the value of apiKeyVariable) has "
                                + key.length()
                                + " characters, must be at least one, of printable ASCII without"
                                + " spaces; see that it is the key alone");
            }
            this.apiKey = key;
            return this;
        }

        /**
         * Sets how long a request may take.
         *
         * @param timeout above 0, by default {@link #TIMEOUT}
         * @return this
         * @throws IllegalArgumentException if out of range
         */
        public Builder optTimeout(Duration timeout) {
            if (timeout.isNegative() || timeout.isZero()) {
                throw new IllegalArgumentException("timeout = " + timeout + ", must be above 0");
            }
            this.timeout = timeout;
            return this;
        }

        /**
         * Sets how often a request that failed is repeated.
         *
         * @param retries at least 0, by default {@link #RETRIES}
         * @param pause before the first retry, at least 0, doubling; by default {@link #PAUSE}
         * @return this
         * @throws IllegalArgumentException if out of range
         */
        public Builder optRetries(int retries, Duration pause) {
            if (retries < 0 || retries > PatientRequest.MOST_RETRIES) {
                throw new IllegalArgumentException(
                        "retries = "
                                + retries
                                + ", must be from 0 to "
                                + PatientRequest.MOST_RETRIES);
            }
            if (pause.isNegative()) {
                throw new IllegalArgumentException("pause = " + pause + ", must be at least 0");
            }
            this.retries = retries;
            this.pause = pause;
            return this;
        }

        /**
         * Makes the reward.
         *
         * @return a new reward
         * @throws IllegalArgumentException if the address or the model is missing
         */
        public ChatEndpoint build() {
            if (uri == null || model == null) {
                throw new IllegalArgumentException(
                        "reward endpoint needs an address and a model; call setUri and setModel");
            }
            return new ChatEndpoint(this);
        }
    }
}
