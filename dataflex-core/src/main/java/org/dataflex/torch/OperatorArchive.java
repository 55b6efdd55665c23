package org.dataflex.torch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes the archive in which PyTorch expects a TorchScript module, in memory. */
final class OperatorArchive {

    /*
     * The archive is a zip file whose entries are stored, not deflated, below one folder:
     *
     *   ops/version                the format of the archive
     *   ops/code/__torch__.py      the module's class and its methods, as text
     *   ops/constants.pkl          the tensors that the code mentions: none
     *   ops/data.pkl               the module: an instance of the class, without attributes
     *
     * Both .pkl files are programs for Python's pickle machine, protocol 2. A byte is an
     * instruction; the ones used here:
     *
     *   80 02            protocol 2
     *   c M \n N \n      push the class N of the module M
     *   )                push the empty tuple
     *   81               pop a tuple and a class, push an instance of the class
     *   }                push the empty dictionary
     *   b                pop a dictionary, set the instance's attributes from it
     *   .                end; what is left on the stack is the value
     *
     * Source: torch/csrc/jit/serialization/{import,unpickler}.cpp and Python's pickletools.
     */
    private static final byte[] MODULE = bytes("\u0080\u0002c__torch__\nOps\n)\u0081}b.");
    private static final byte[] NO_CONSTANTS = bytes("\u0080\u0002).");
    private static final byte[] VERSION = bytes("10\n");

    private OperatorArchive() {}

    /**
     * Packs a module.
     *
     * @param source TorchScript that defines {@code class Ops(Module)}
     * @return the archive
     */
    static byte[] of(String source) {
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(archive)) {
            store(zip, "ops/version", VERSION);
            store(zip, "ops/code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
            store(zip, "ops/constants.pkl", NO_CONSTANTS);
            store(zip, "ops/data.pkl", MODULE);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return archive.toByteArray();
    }

    private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
        CRC32 checksum = new CRC32();
        checksum.update(content);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(checksum.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }

    private static byte[] bytes(String characters) {
        return characters.getBytes(StandardCharsets.ISO_8859_1); // one character, one byte
    }
}
