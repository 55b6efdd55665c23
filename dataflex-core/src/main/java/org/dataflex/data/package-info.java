/**
 * The samples that training draws from, and where they come from.
 *
 * <p>A {@link org.dataflex.data.CandidatePool} is one or more named {@linkplain
 * org.dataflex.data.Domain domains}, each a {@link org.dataflex.data.SampleSet}: any DJL dataset,
 * or the {@link org.dataflex.data.TokenSequences} of a language model, in memory or in a file
 * larger than it. Samples are named by position ({@link org.dataflex.data.SampleIndices}) and read
 * as DJL batches.
 */
package org.dataflex.data;
