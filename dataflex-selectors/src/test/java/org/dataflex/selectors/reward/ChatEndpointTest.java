package org.dataflex.selectors.reward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ChatEndpointTest {

    private static final Answer ANSWER = new Answer("2+3?", "It is \"5\".", "5");

    private final List<JsonNode> bodies = Collections.synchronizedList(new ArrayList<>());
    private final List<String> keys = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch done = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer server;
    private URI uri;

    interface Response {
        void to(HttpExchange exchange, int number) throws Exception;
    }

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.start();
        uri =
                URI.create(
                        "http://127.0.0.1:"
                                + server.getAddress().getPort()
                                + "/v1/chat/completions");
    }

    @AfterEach
    void stop() {
        done.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private void respond(Response response) {
        server.createContext(
                "/v1/chat/completions",
                exchange -> {
                    try (exchange) {
                        keys.add(exchange.getRequestHeaders().getFirst("Authorization"));
                        bodies.add(new ObjectMapper().readTree(exchange.getRequestBody()));
                        response.to(exchange, bodies.size());
                    } catch (IOException e) {
                        throw e;
                    } catch (Exception e) {
                        throw new IOException(e);
                    }
                });
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static void rate(HttpExchange exchange, String content) throws IOException {
        ObjectMapper json = new ObjectMapper();
        send(
                exchange,
                200,
                "{\"choices\": [{\"message\": {\"role\": \"assistant\", \"content\": "
                        + json.writeValueAsString(content)
                        + "}}]}");
    }

    private ChatEndpoint.Builder endpoint() {
        return ChatEndpoint.builder()
                .setUri(uri)
                .setModel("judge")
                .optRetries(2, Duration.ofMillis(1));
    }

    private String failure(Class<? extends RuntimeException> type, ChatEndpoint endpoint) {
        return assertThrows(type, () -> endpoint.of(ANSWER)).getMessage();
    }

    @Test
    void asksForANumberAboutTaskAnswerAndReference() {
        respond((exchange, number) -> rate(exchange, " 0.75\n"));
        ChatEndpoint endpoint = endpoint().optApiKey("secret").build();
        assertEquals(0.75, endpoint.of(ANSWER));
        assertEquals(0.75, endpoint.of(new Answer("2+3?", "6", null)));
        assertEquals(List.of("Bearer secret", "Bearer secret"), keys);
        assertEquals("judge", bodies.get(0).get("model").asText());
        assertEquals(0, bodies.get(0).get("temperature").asDouble());
        assertEquals("system", bodies.get(0).at("/messages/0/role").asText());
        assertEquals(
                "Task:\n2+3?\n\nRight answer:\n5\n\nAnswer to rate:\nIt is \"5\".",
                bodies.get(0).at("/messages/1/content").asText());
        assertEquals(
                "Task:\n2+3?\n\nAnswer to rate:\n6",
                bodies.get(1).at("/messages/1/content").asText());
        assertEquals("endpoint " + uri + " judge", endpoint.description());
    }

    @Test
    void whatPasses_isTriedAgain() {
        respond(
                (exchange, number) -> {
                    if (number < 3) {
                        send(exchange, number == 1 ? 429 : 503, "busy");
                    } else {
                        rate(exchange, "1");
                    }
                });
        assertEquals(1, endpoint().build().of(ANSWER));
        assertEquals(3, bodies.size());
        assertEquals(java.util.Collections.nCopies(3, null), keys);
    }

    @Test
    void pausesDouble() {
        respond((exchange, number) -> send(exchange, 500, ""));
        ChatEndpoint endpoint = endpoint().optRetries(2, Duration.ofMillis(100)).build();
        long start = System.nanoTime();
        failure(UncheckedIOException.class, endpoint);
        long waited = (System.nanoTime() - start) / 1_000_000;
        assertTrue(waited >= 300, waited + " ms");
    }

    @Test
    void down_isNamedAfterTheLastRetry() {
        server.stop(0);
        assertEquals(
                "reward endpoint "
                        + uri
                        + " cannot be reached (ConnectException); see that it runs and that this is its address (setUri, by name endpoint); tried 3 times",
                failure(UncheckedIOException.class, endpoint().build()));
    }

    @Test
    void failing_isNamedAfterTheLastRetry() {
        respond((exchange, number) -> send(exchange, 503, "no model\nloaded"));
        assertEquals(
                "reward endpoint "
                        + uri
                        + " refused with status 503: 'no model loaded'; it may need more retries (optRetries, by name retries); tried 3 times",
                failure(UncheckedIOException.class, endpoint().build()));
        assertEquals(3, bodies.size());
    }

    @Test
    void slow_isGivenUp_beforeItsHeadersAndWithinItsBody() {
        respond(
                (exchange, number) -> {
                    if (number > 2) {
                        exchange.sendResponseHeaders(200, 100);
                        exchange.getResponseBody().write('{');
                        exchange.getResponseBody().flush();
                    }
                    done.await();
                });
        for (int i = 0; i < 2; i++) {
            assertEquals(
                    "reward endpoint "
                            + uri
                            + " did not answer within PT0.2S; raise its time-out (optTimeout, by"
                            + " name timeoutSeconds); tried 2 times",
                    failure(
                            UncheckedIOException.class,
                            endpoint()
                                    .optTimeout(Duration.ofMillis(200))
                                    .optRetries(1, Duration.ZERO)
                                    .build()));
        }
        assertEquals(4, bodies.size());
    }

    @Test
    void refusing_isNotTriedAgain_andSaysWhatMayBeWrong() {
        String key = "see that its key is right (optApiKey, by name apiKeyVariable)";
        String address =
                "see that its address and model are right (setUri and setModel, by name endpoint"
                        + " and endpointModel)";
        Map<Integer, String> mends = new LinkedHashMap<>();
        mends.put(401, key);
        mends.put(403, key);
        mends.put(404, address);
        List<Integer> statuses = List.copyOf(mends.keySet());
        respond((exchange, number) -> send(exchange, statuses.get(number - 1), "{\"error\": 1}"));
        mends.forEach(
                (status, mend) ->
                        assertEquals(
                                "reward endpoint "
                                        + uri
                                        + " refused with status "
                                        + status
                                        + ": '{\"error\": 1}'; "
                                        + mend,
                                failure(UncheckedIOException.class, endpoint().build())));
        assertEquals(3, bodies.size());
    }

    @Test
    void apiKey_isSentWithoutTheWhiteSpaceAroundIt() {
        respond((exchange, number) -> rate(exchange, "1"));
        endpoint().optApiKey(" secret\r\n").build().of(ANSWER);
        assertEquals(List.of("Bearer secret"), keys);
    }

    @Test
    void apiKey_thatNoHeaderMayHave_isRefusedWithoutShowingIt() {
        for (String key : new String[] {"", " \n", "sec ret", "sec\nret", "gehe\u00efm"}) {
            assertRefused(
                    "apiKey (by name the value of apiKeyVariable) has "
                            + key.strip().length()
                            + " characters, must be at least one, of printable ASCII without"
                            + " spaces; see that it is the key alone",
                    () -> endpoint().optApiKey(key));
        }
    }

    @Test
    void nonsense_isRefused() {
        String[] contents = {"I would say 0.5", "", "7", "-0.1", "NaN", "0.5/1"};
        respond((exchange, number) -> rate(exchange, contents[number - 1]));
        for (String content : contents) {
            assertEquals(
                    "reward endpoint "
                            + uri
                            + " answered '"
                            + content
                            + "', must be a number from 0 to 1 alone; model judge does not follow"
                            + " the instruction, try another",
                    failure(IllegalStateException.class, endpoint().build()));
        }
    }

    @Test
    void whatIsNoChatCompletion_isRefused() {
        String[] contents = {"<html>hello</html>", "{\"choices\": []}", "[]", "null"};
        respond((exchange, number) -> send(exchange, 200, contents[number - 1]));
        for (String content : contents) {
            assertEquals(
                    "reward endpoint "
                            + uri
                            + " answered '"
                            + content
                            + "', must be a chat completion with choices[0].message.content",
                    failure(IllegalStateException.class, endpoint().build()));
        }
    }

    @Test
    void interrupted_stopsWaiting() {
        respond((exchange, number) -> done.await());
        Thread.currentThread().interrupt();
        assertEquals(
                "interrupted while waiting for reward endpoint " + uri,
                failure(IllegalStateException.class, endpoint().build()));
        assertTrue(Thread.interrupted());
    }

    @Test
    void query_isNeverShown() {
        String endpoint = "http://localhost:9/v1/chat";
        String shown =
                endpoint().setUri(URI.create(endpoint + "?key=secret")).build().description();
        assertTrue(shown.matches("endpoint " + endpoint + "\\?\\([0-9a-f]{8}\\) .*"), shown);
        assertNotEquals(
                shown,
                endpoint().setUri(URI.create(endpoint + "?key=other")).build().description());
        uri = URI.create(uri + "?key=secret");
        respond((exchange, number) -> send(exchange, 404, "none"));
        String failure = failure(UncheckedIOException.class, endpoint().build());
        assertFalse(failure.contains("secret"), failure);
    }

    @Test
    void badSettings_areRefused() {
        assertRefused(
                "endpoint = 'localhost:80', must be like http://localhost:8000/v1/chat/completions",
                () -> endpoint().setUri(URI.create("localhost:80")));
        assertRefused(
                "endpoint has a user's name or password before judges.example, which would be"
                        + " logged; leave them out, and give the key by optApiKey (by name"
                        + " apiKeyVariable)",
                () -> endpoint().setUri(URI.create("https://me:secret@judges.example/v1")));
        assertRefused(
                "timeout = PT0S, must be above 0", () -> endpoint().optTimeout(Duration.ZERO));
        assertRefused(
                "retries = 21, must be from 0 to 20",
                () -> endpoint().optRetries(21, Duration.ZERO));
        assertRefused(
                "pause = PT-1S, must be at least 0",
                () -> endpoint().optRetries(1, Duration.ofSeconds(-1)));
        assertRefused(
                "reward endpoint needs an address and a model; call setUri and setModel",
                () -> ChatEndpoint.builder().build());
    }

    private static void assertRefused(
            String message, org.junit.jupiter.api.function.Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
