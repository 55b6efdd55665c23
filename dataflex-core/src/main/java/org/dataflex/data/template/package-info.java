/**
 * Templates: how a conversation becomes the token ids that a model was taught to expect.
 *
 * <p>A {@link org.dataflex.data.template.NamedTemplate} is one of LLaMA-Factory's, by name; a
 * {@link org.dataflex.data.template.ChatTemplate} is the model's own, in Jinja. Both need the
 * model's tokenizer, as a {@link org.dataflex.data.template.TokenEncoder}.
 */
package org.dataflex.data.template;
