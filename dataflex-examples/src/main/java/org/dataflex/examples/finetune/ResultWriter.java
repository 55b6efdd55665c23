package org.dataflex.examples.finetune;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import org.dataflex.checkpoint.SafetensorsType;
import org.dataflex.lm.WeightFiles;
import org.dataflex.lm.WeightFilesWriter;

/** The writer of a trained model, in the type that its weights came in. */
public final class ResultWriter {

    private static final Set<SafetensorsType> WRITTEN =
            EnumSet.of(SafetensorsType.F32, SafetensorsType.F16, SafetensorsType.BF16);

    private ResultWriter() {}

    /**
     * Makes a writer.
     *
     * @param model the model's directory
     * @param weights its weight files
     * @return what writes in the type that most of their numbers have
     * @throws IOException if this type is not written; names a tensor of it and says what to do
     */
    public static WeightFilesWriter like(Path model, WeightFiles weights) throws IOException {
        SafetensorsType type = weights.mainType();
        if (!WRITTEN.contains(type)) {
            throw new IOException(
                    ("most weights of %s are %s, such as '%s'; only F32, F16 and BF16 are read and"
                                    + " written, convert them first")
                            .formatted(model, type, firstOf(type, weights)));
        }
        return WeightFilesWriter.of(type);
    }

    private static String firstOf(SafetensorsType type, WeightFiles weights) {
        return weights.names().stream()
                .filter(name -> weights.tensor(name).type() == type)
                .findFirst()
                .orElseThrow();
    }
}
