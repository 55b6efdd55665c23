package org.dataflex.data.store;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.dataflex.data.template.TokenEncoder;

/** One token a character, its code; {@code <} begins a text and {@code >} ends it. */
record LetterEncoder(String fingerprint) implements TokenEncoder {

    @Override
    public int[] encodePlain(String text) {
        return text.chars().toArray();
    }

    @Override
    public Located encodeLocated(String text) {
        throw new UnsupportedOperationException();
    }

    @Override
    public OptionalInt addedToken(String token) {
        return List.of("<", ">").contains(token)
                ? OptionalInt.of(token.charAt(0))
                : OptionalInt.empty();
    }

    @Override
    public Optional<String> bosToken() {
        return Optional.of("<");
    }

    @Override
    public Optional<String> eosToken() {
        return Optional.of(">");
    }

    @Override
    public boolean addsBos() {
        return true;
    }
}
