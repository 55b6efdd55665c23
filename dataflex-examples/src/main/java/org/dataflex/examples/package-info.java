/**
 * Programs that show what the library does: each main answers one question and prints its answer.
 *
 * <p>Run one with {@code mvn -q -DskipTests package exec:java -pl dataflex-examples -am
 * -Dexec.mainClass=org.dataflex.examples.NAME}; {@code -Dexec.args=--help} tells its options.
 */
package org.dataflex.examples;
