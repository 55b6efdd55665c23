package org.dataflex.selectors;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file that one run reads and writes, and no other at that time. */
final class OwnFile {

    private OwnFile() {}

    /**
     * Opens a file, or makes it and the directories that it is in.
     *
     * @param path the file
     * @param mend what to do if it is in use
     * @return its channel; the lock goes with it
     * @throws IOException if it cannot be read or written, or is in use
     */
    static FileChannel open(Path path, String mend) throws IOException {
        Files.createDirectories(path.toAbsolutePath().getParent());
        FileChannel channel =
                FileChannel.open(
                        path,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        if (!isAlone(channel)) {
            channel.close();
            throw new IOException(path + " is in use by another run; " + mend);
        }
        return channel;
    }

    private static boolean isAlone(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) { // this process has it
            return false;
        }
    }
}
