/**
 * Configuration files with the keys of LLaMA-Factory and DataFlex, read into what a run needs.
 *
 * <p>Nothing here trains: a file is read, checked whole, and becomes plain values.
 */
package org.dataflex.examples.config;
