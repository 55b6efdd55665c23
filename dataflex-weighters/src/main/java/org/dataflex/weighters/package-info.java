/** Strategies that weigh the loss of each sample, one class each, and their providers. */
package org.dataflex.weighters;
