/** Mains that time the library; each prints ratios of things measured in one run. */
package org.dataflex.examples.bench;
