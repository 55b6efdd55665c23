/** What answers of a model are worth: exact rules, a reward model, or another model's judgement. */
package org.dataflex.selectors.reward;
