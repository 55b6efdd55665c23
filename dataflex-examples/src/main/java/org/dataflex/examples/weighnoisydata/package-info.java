/** Weighing samples of which a known share is corrupted. */
package org.dataflex.examples.weighnoisydata;
