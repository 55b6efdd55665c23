package org.dataflex.selectors.reward;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A request that is repeated, after pauses that double, where that may help.
 *
 * @param client who sends
 * @param retries how often, after the first time
 * @param pause before the first retry
 */
record PatientRequest(HttpClient client, int retries, Duration pause) {

    /** 2^20 pauses are longer than anybody waits. */
    static final int MOST_RETRIES = 20;

    private static final int OK = 200;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int SERVER_ERROR = 500;

    /**
     * Sends a request.
     *
     * @param request has a time-out, which goes for the whole of a response
     * @return the body of the response
     * @throws UncheckedIOException if there is none, or none of status 200
     * @throws IllegalStateException if the thread is interrupted
     */
    String send(HttpRequest request) {
        try {
            IOException last = null;
            for (int attempt = 0; attempt <= retries; attempt++) {
                if (attempt > 0) {
                    Thread.sleep(pause.multipliedBy(1L << (attempt - 1)).toMillis());
                }
                try {
                    HttpResponse<String> response = response(request);
                    if (response.statusCode() == OK) {
                        return response.body();
                    }
                    last = refusal(response);
                    if (!isPassing(response.statusCode())) {
                        throw new UncheckedIOException(last.getMessage(), last);
                    }
                } catch (IOException e) {
                    last = new IOException(what(request, e), e);
                }
            }
            throw new UncheckedIOException(
                    last.getMessage() + "; tried " + (retries + 1) + " times", last);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(
                    "interrupted while waiting for reward endpoint " + Address.of(request.uri()),
                    e);
        }
    }

    /** Waits for the whole response; the request's own time-out ends with the headers. */
    private HttpResponse<String> response(HttpRequest request)
            throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<String>> response =
                client.sendAsync(request, BodyHandlers.ofString());
        try {
            Duration timeout = request.timeout().orElseThrow();
            return response.get(TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new HttpTimeoutException("the response did not end");
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failure ? failure : new IOException(e);
        } finally {
            response.cancel(true);
        }
    }

    private static boolean isPassing(int status) {
        return status == TOO_MANY_REQUESTS || status >= SERVER_ERROR;
    }

    private static IOException refusal(HttpResponse<String> response) {
        return new IOException(
                "reward endpoint "
                        + Address.of(response.uri())
                        + " refused with status "
                        + response.statusCode()
                        + ": '"
                        + Excerpt.of(response.body())
                        + "'; "
                        + mend(response.statusCode()));
    }

    private static String mend(int status) {
        if (isPassing(status)) {
            return "it may need more retries (optRetries, by name retries)";
        }
        return status == UNAUTHORIZED || status == FORBIDDEN
                ? "see that its key is right (optApiKey, by name apiKeyVariable)"
                : "see that its address and model are right (setUri and setModel, by name endpoint"
                        + " and endpointModel)";
    }

    private static String what(HttpRequest request, IOException failure) {
        String endpoint = "reward endpoint " + Address.of(request.uri());
        if (failure instanceof HttpTimeoutException) {
            return endpoint
                    + " did not answer within "
                    + request.timeout().orElseThrow()
                    + "; raise its time-out (optTimeout, by name timeoutSeconds)";
        }
        return endpoint
                + " cannot be reached ("
                + failure.getClass().getSimpleName()
                + "); see that it runs and that this is its address (setUri, by name endpoint)";
    }
}
