package org.dataflex.selectors.reward;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;

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
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int SERVER_ERROR = 500;

    /**
     * Sends a request.
     *
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
                    HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
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
                    "interrupted while waiting for reward endpoint " + request.uri(), e);
        }
    }

    private static boolean isPassing(int status) {
        return status == TOO_MANY_REQUESTS || status >= SERVER_ERROR;
    }

    private static IOException refusal(HttpResponse<String> response) {
        return new IOException(
                "reward endpoint "
                        + response.uri()
                        + " refused with status "
                        + response.statusCode()
                        + ": '"
                        + Excerpt.of(response.body())
                        + "'");
    }

    private static String what(HttpRequest request, IOException failure) {
        String endpoint = "reward endpoint " + request.uri();
        if (failure instanceof HttpTimeoutException) {
            return endpoint
                    + " did not answer within "
                    + request.timeout().orElseThrow()
                    + "; raise its time-out";
        }
        return endpoint + " cannot be reached (" + failure.getClass().getSimpleName() + ")";
    }
}
