/** Strategies that choose which samples to train on, one class each, and their providers. */
package org.dataflex.selectors;
