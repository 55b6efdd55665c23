/** Text that arrives while a model is trained, for {@link org.dataflex.examples.StreamText}. */
package org.dataflex.examples.stream;
