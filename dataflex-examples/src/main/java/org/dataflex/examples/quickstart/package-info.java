/** The parts of the quick start: its data, its two runs, and what it shows of them. */
package org.dataflex.examples.quickstart;
