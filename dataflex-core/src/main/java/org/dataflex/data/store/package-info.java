/**
 * From files to what training reads: tokens that are made once, in parallel, and kept on disk.
 *
 * <p>{@link org.dataflex.data.store.PreparedData}: datasets in, a candidate pool and sets to
 * validate on out. {@link org.dataflex.data.store.StreamingPool}: a stream in, a candidate pool
 * that grows out.
 */
package org.dataflex.data.store;
