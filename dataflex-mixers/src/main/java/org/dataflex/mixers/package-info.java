/** Strategies that set the proportions of the domains, one class each, and their providers. */
package org.dataflex.mixers;
