/** The parts of the example that selects data for a target category. */
package org.dataflex.examples.selectfortarget;
