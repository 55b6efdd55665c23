/**
 * Files as users have them: instructions (alpaca), conversations (sharegpt, OpenAI messages) and
 * plain texts, in JSON, JSON lines and text files, named by a {@code dataset_info.json}.
 *
 * <p>{@link org.dataflex.data.format.DatasetInfo} finds a dataset by name, {@link
 * org.dataflex.data.format.SampleReader} reads its samples one after another, whatever the size of
 * its files, and a {@link org.dataflex.data.format.SampleStream} those that arrive without end.
 */
package org.dataflex.data.format;
