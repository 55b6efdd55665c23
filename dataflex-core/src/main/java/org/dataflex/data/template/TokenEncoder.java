package org.dataflex.data.template;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * Turns text into token ids: what templates and stores need of a model's tokenizer.
 *
 * <p>Implementations may be used by several threads at once.
 */
public interface TokenEncoder {

    /**
     * Token ids and where each ends.
     *
     * @param ids the ids
     * @param ends for each id the number of characters of the text up to its end; never falling
     */
    record Located(int[] ids, int[] ends) {}

    /**
     * Encodes a piece of a text: no special tokens are added, those that it spells out are found.
     *
     * @param text any text
     * @return its token ids, all of them
     */
    int[] encodePlain(String text);

    /**
     * Encodes as {@link #encodePlain} and tells where each token ends.
     *
     * @param text any text
     * @return its token ids and their ends
     */
    Located encodeLocated(String text);

    /**
     * Finds an added token, such as {@code <|im_start|>}.
     *
     * @param token its text
     * @return its id, or empty if the tokenizer does not keep this text in one piece
     */
    OptionalInt addedToken(String token);

    /**
     * Returns the text of the token that begins a text.
     *
     * @return such as {@code <s>}, or empty if there is none
     */
    Optional<String> bosToken();

    /**
     * Returns the text of the token that ends a text.
     *
     * @return such as {@code </s>}, or empty if there is none
     */
    Optional<String> eosToken();

    /**
     * Tells whether texts begin with {@link #bosToken} unless they are pieces.
     *
     * @return whether a text to pretrain on begins with it
     */
    boolean addsBos();

    /**
     * Identifies the tokenizer: what it made is made anew when this has changed.
     *
     * @return a short text that depends on everything that ids depend on
     */
    String fingerprint();
}
