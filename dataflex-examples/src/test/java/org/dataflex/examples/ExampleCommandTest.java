package org.dataflex.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.TrainingDivergedException;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.Callable;
import org.dataflex.checkpoint.CheckpointException;
import org.dataflex.model.UnsupportedModelException;
import org.dataflex.strategy.StrategyException;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Command;

class ExampleCommandTest {

    @Command(name = "example")
    private record Failing(Exception exception) implements Callable<Integer> {
        @Override
        public Integer call() throws Exception {
            throw exception;
        }
    }

    @Test
    void run_saysOurMessagesAsTheyAre() {
        assertEquals("example: no room", printed(new IOException("no room")));
        assertEquals("example: a: damaged", printed(new CheckpointException("a: damaged")));
        assertEquals(
                "example: pool: it is empty",
                printed(new NoSuchFileException("pool", null, "it is empty")));
    }

    @Test
    void run_saysWhyAModelOrARunIsRefused_withoutTheExceptionsName() {
        assertEquals(
                "example: no such layers",
                printed(new UnsupportedModelException("no such layers")));
        assertEquals(
                "example: loss is NaN at step 3",
                printed(new TrainingDivergedException("loss is NaN at step 3")));
    }

    @Test
    void run_saysWhatAStrategyRefuses_andShowsWhereItSlips() {
        assertEquals(
                "example: mine @ step 3: returned null",
                printed(new StrategyException("mine", 3, "returned null", null)));
        Exception refusal = new UncheckedIOException(new IOException("it is down"));
        assertEquals(
                "example: mine @ step 3: it is down",
                printed(new StrategyException("mine", 3, "it is down", refusal)));
        String slip =
                printed(
                        new StrategyException(
                                "mine", 3, "a slip", new IndexOutOfBoundsException("a slip")));
        assertTrue(slip.contains("\tat "), slip);
    }

    @Test
    void run_letsErrorsOfTheProgramShowWhereTheyAre() {
        String printed = printed(new IllegalStateException("a slip"));
        assertTrue(printed.startsWith("java.lang.IllegalStateException: a slip"), printed);
        assertTrue(printed.contains("\tat "), printed);
    }

    @Test
    void run_saysWhatFailed_whereTheMessageLeavesItToTheName() {
        assertEquals(
                "example: java.nio.file.NoSuchFileException: none",
                printed(new NoSuchFileException("none")));
        assertEquals("example: java.io.EOFException", printed(new EOFException()));
    }

    private static String printed(Exception exception) {
        return Printed.whenRefused(1, new Failing(exception)).strip();
    }
}
