/**
 * The arithmetic of choosing data: seeds, permutations, sampling, ranking, quantiles and mixtures.
 *
 * <p>Plain Java over arrays, without state: every random result follows from a seed that the caller
 * gives. A bad argument raises an {@link java.lang.IllegalArgumentException} that names it and its
 * value. No array that is given is changed, unless the method says so.
 */
package org.dataflex.math;
