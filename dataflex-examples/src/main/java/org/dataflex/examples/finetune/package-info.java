/** The parts of the fine-tuning example. */
package org.dataflex.examples.finetune;
