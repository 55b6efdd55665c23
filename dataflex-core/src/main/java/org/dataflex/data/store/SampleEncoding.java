package org.dataflex.data.store;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.dataflex.data.format.Conversation;
import org.dataflex.data.format.PlainText;
import org.dataflex.data.format.TextSample;
import org.dataflex.data.store.SequenceForm.Sequence;
import org.dataflex.data.template.Template;
import org.dataflex.data.template.Template.EncodedTurn;
import org.dataflex.data.template.TokenEncoder;

/**
 * Makes sequences of samples.
 *
 * @param encoder the model's tokenizer
 * @param template what conversations are put in; null if there are none
 * @param form how long a sequence may be, and what its targets are
 */
record SampleEncoding(TokenEncoder encoder, Template template, SequenceForm form) {

    /**
     * What became of a sample.
     *
     * @param sequences none if it was left out
     * @param isTooLong whether it was longer than allowed
     */
    record Encoded(List<Sequence> sequences, boolean isTooLong) {}

    Encoded encode(TextSample sample) {
        return sample instanceof Conversation conversation
                ? encode(conversation)
                : encode((PlainText) sample);
    }

    private Encoded encode(Conversation conversation) {
        List<EncodedTurn> turns = template.encode(conversation);
        boolean isTooLong = form.isTooLong(turns);
        return isTooLong && form.tooLong() == TooLong.LEAVE_OUT
                ? new Encoded(List.of(), true)
                : new Encoded(withTarget(List.of(form.ofTurns(turns))), isTooLong);
    }

    private Encoded encode(PlainText text) {
        int[] bos = encoder.addsBos() ? special(encoder.bosToken().orElseThrow()) : new int[0];
        int[] eos = special(encoder.eosToken().orElseThrow());
        int[] ids =
                Stream.of(bos, encoder.encodePlain(text.text()), eos)
                        .flatMapToInt(Arrays::stream)
                        .toArray();
        boolean isTooLong = ids.length > form.cutoffLength();
        return isTooLong && form.tooLong() == TooLong.LEAVE_OUT
                ? new Encoded(List.of(), true)
                : new Encoded(withTarget(form.ofText(ids)), isTooLong);
    }

    private static List<Sequence> withTarget(List<Sequence> sequences) {
        return sequences.stream().filter(Sequence::hasTarget).toList();
    }

    private int[] special(String token) {
        OptionalInt id = encoder.addedToken(token);
        return id.isPresent() ? new int[] {id.getAsInt()} : encoder.encodePlain(token);
    }

    /** Identifies all that sequences depend on but for the samples. */
    String fingerprint() {
        return encoder.fingerprint()
                + " | "
                + (template == null ? "no template" : template.fingerprint())
                + " | "
                + form;
    }
}
