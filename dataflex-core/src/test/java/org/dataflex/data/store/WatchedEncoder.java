package org.dataflex.data.store;

import java.util.Optional;
import java.util.OptionalInt;
import org.dataflex.data.template.TokenEncoder;

/** An encoder that does something else before it encodes. */
record WatchedEncoder(TokenEncoder encoder, Runnable before) implements TokenEncoder {

    @Override
    public int[] encodePlain(String text) {
        before.run();
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
