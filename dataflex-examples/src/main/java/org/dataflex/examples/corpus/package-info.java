/** Real text of clearly different domains, read from ordinary dependencies of the examples. */
package org.dataflex.examples.corpus;
