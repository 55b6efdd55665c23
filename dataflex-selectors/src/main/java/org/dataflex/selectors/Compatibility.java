package org.dataflex.selectors;

/** Whose behaviour a selector follows where two differ. */
public enum Compatibility {
    /** That of this library, described in the selector's card. */
    NONE,
    /** That of DataFlex 3c13e37, as far as it can be observed there. */
    DATAFLEX
}
