package org.dataflex.selectors.reward;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import org.dataflex.math.Sha256;

/** How the address of an endpoint is shown: without its query, which may hold a key. */
final class Address {

    private static final int DIGITS = 8;

    private Address() {}

    /** The address, and in the place of a query the start of its digest. */
    static String of(URI uri) {
        if (uri.getRawQuery() == null) {
            return uri.toString();
        }
        try {
            URI shown = new URI(uri.getScheme(), uri.getAuthority(), uri.getPath(), null, null);
            String digest = Sha256.of(uri.getRawQuery().getBytes(StandardCharsets.UTF_8));
            return shown + "?(" + digest.substring(0, DIGITS) + ")";
        } catch (URISyntaxException e) {
            throw new AssertionError("a part of an address is one", e);
        }
    }
}
