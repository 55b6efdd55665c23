/**
 * The command line: trains from a configuration file, exports, measures and explains.
 *
 * <p>Everything it does is a few calls of the library; {@link
 * org.dataflex.examples.cli.TrainingRun} is the place to see which.
 */
package org.dataflex.examples.cli;
