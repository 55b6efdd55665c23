package org.dataflex.data.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.OptionalInt;
import org.dataflex.data.template.TokenEncoder;

/** An encoder while which the source file grows. */
record GrowingFile(TokenEncoder encoder, Path file) implements TokenEncoder {

    @Override
    public int[] encodePlain(String text) {
        try {
            Files.writeString(file, "more", StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return encoder.encodePlain(text);
    }

    @Override
    public Located encodeLocated(String text) {
        return encoder.encodeLocated(text);
    }

    @Override
    public OptionalInt addedToken(String token) {
        return encoder.addedToken(token);
    }

    @Override
    public Optional<String> bosToken() {
        return encoder.bosToken();
    }

    @Override
    public Optional<String> eosToken() {
        return encoder.eosToken();
    }

    @Override
    public boolean addsBos() {
        return encoder.addsBos();
    }

    @Override
    public String fingerprint() {
        return encoder.fingerprint();
    }
}
