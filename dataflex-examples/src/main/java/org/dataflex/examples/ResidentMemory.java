package org.dataflex.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * The memory that this process holds, native arrays and the Java heap together, as Linux tells it.
 */
public final class ResidentMemory {

    private static final Path STATUS = Path.of("/proc/self/status");

    private ResidentMemory() {}

    /**
     * Returns what the process holds now.
     *
     * @return MiB; empty on other systems than Linux
     */
    public static OptionalLong now() {
        return read("VmRSS:");
    }

    /**
     * Returns the most that the process has held.
     *
     * @return MiB; empty on other systems than Linux
     */
    public static OptionalLong peak() {
        return read("VmHWM:");
    }

    private static OptionalLong read(String name) {
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith(name))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) >> 10)
                    .findFirst();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }
}
