package org.dataflex.data.template;

/** placeholder. */
public final class ChatTemplate {}
