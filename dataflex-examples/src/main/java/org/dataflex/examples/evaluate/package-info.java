/** Measures a model: perplexity of texts, and how often it finds the right one of some answers. */
package org.dataflex.examples.evaluate;
