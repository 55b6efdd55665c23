package org.dataflex.data.store;

/** What becomes of a row that is no sample of its layout. */
public enum Invalid {

    /** It ends the preparation with a message that names it. */
    REFUSE,

    /** It is left out and counted. */
    LEAVE_OUT
}
