package org.dataflex.data.store;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.TokenSequences;
import org.dataflex.data.format.DatasetFile;
import org.dataflex.data.store.PreparedDataBuilder.Use;
import org.dataflex.data.store.SharedSamples.Part;

/** Does what a {@link PreparedDataBuilder} collected. */
final class Preparation {

    private final PreparedDataBuilder settings;
    private final PreparedSets sets = new PreparedSets();
    private final Map<DatasetFile, StoredSamples> stored = new LinkedHashMap<>();
    private final List<Part> parts = new ArrayList<>();

    Preparation(PreparedDataBuilder settings) {
        this.settings = settings;
    }

    PreparedData run() throws IOException {
        try {
            open();
            divide();
            if (!settings.allowsSharedSamples) {
                SharedSamples.refuse(parts);
            }
            CandidatePool.Builder pool = CandidatePool.builder();
            sets.training().forEach(pool::addDomain);
            return new PreparedData(pool.build(), sets);
        } catch (IOException | RuntimeException e) {
            sets.open().forEach(TokenSequences::close);
            throw e;
        }
    }

    private void open() throws IOException {
        TokenStore store = new TokenStore(settings.store, settings.progress);
        for (DatasetFile dataset : settings.datasets.keySet()) {
            StoredSamples samples = store.open(dataset, reading(dataset));
            sets.open().add(samples.tokens());
            sets.tallies().put(dataset.name(), samples.tally());
            stored.put(dataset, samples);
            if (samples.tokens().size() == 0) {
                throw new IOException(
                        "dataset '%s' has no samples: %s"
                                .formatted(dataset.name(), samples.tally().whyNone()));
            }
        }
        sets.sources().putAll(store.sources());
    }

    private TokenStore.Reading reading(DatasetFile dataset) {
        return new TokenStore.Reading(
                settings.encoding(PreparedDataBuilder.isText(dataset)),
                settings.maxSamples,
                settings.invalid,
                settings.threads);
    }

    private void divide() {
        HeldOut heldOut = settings.validationSize == 0 ? null : heldOut();
        settings.datasets.forEach(
                (dataset, use) -> {
                    StoredSamples all = stored.get(dataset);
                    String name = dataset.name();
                    if (use != Use.DOMAIN) {
                        (use == Use.TARGET ? sets.targets() : sets.evaluation())
                                .put(name, all.tokens());
                        addPart(use.text + " '" + name + "'", use, all, null);
                    } else if (heldOut == null) {
                        sets.training().put(name, all.tokens());
                        addPart("domain '" + name + "'", Use.DOMAIN, all, null);
                    } else {
                        divide(name, all, heldOut);
                    }
                });
    }

    private HeldOut heldOut() {
        List<long[]> hashes = new ArrayList<>();
        settings.datasets.forEach(
                (dataset, use) -> {
                    if (use == Use.DOMAIN) {
                        hashes.add(stored.get(dataset).hashes());
                    }
                });
        return HeldOut.choose(hashes, settings.validationSize, settings.seed);
    }

    private void divide(String name, StoredSamples all, HeldOut heldOut) {
        long[] training = heldOut.positions(all.hashes(), false);
        long[] validation = heldOut.positions(all.hashes(), true);
        sets.training().put(name, all.tokens().pick(training));
        addPart("domain '" + name + "'", Use.DOMAIN, all, training);
        if (validation.length > 0) {
            sets.validation().put(name, all.tokens().pick(validation));
            addPart("what is held out of '" + name + "'", Use.EVALUATION, all, validation);
        }
    }

    private void addPart(String name, Use use, StoredSamples all, long[] positions) {
        long[] at =
                positions == null ? LongStream.range(0, all.rows().length).toArray() : positions;
        parts.add(
                new Part(
                        name,
                        use,
                        Arrays.stream(at).map(i -> all.hashes()[(int) i]).toArray(),
                        Arrays.stream(at).map(i -> all.rows()[(int) i]).toArray()));
    }
}
