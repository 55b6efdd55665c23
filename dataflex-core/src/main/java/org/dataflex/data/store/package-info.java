/**
 * From files to what training reads: tokens that are made once, in parallel, and kept on disk.
 *
 * <p>{@link org.dataflex.data.store.PreparedData} is the whole of it: datasets in, a candidate pool
 * and sets to validate on out.
 */
package org.dataflex.data.store;
