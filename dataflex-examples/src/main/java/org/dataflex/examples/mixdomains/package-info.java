/** The parts of the comparison of mixers: its runs, its tables, its pictures. */
package org.dataflex.examples.mixdomains;
