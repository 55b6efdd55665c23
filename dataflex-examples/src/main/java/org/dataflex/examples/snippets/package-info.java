/** A task for any DJL model: tell from which domain a snippet of text comes. */
package org.dataflex.examples.snippets;
