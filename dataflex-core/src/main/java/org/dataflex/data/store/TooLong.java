package org.dataflex.data.store;

/** What becomes of a sample that is longer than the cut-off length; all are counted. */
public enum TooLong {

    /**
     * It is cut, as in LLaMA-Factory: of a conversation the turns that fit are kept, and of the
     * turn that does not fit whole, prompt and response get room in proportion; of a text the start
     * is kept.
     */
    CUT,

    /** It is left out. */
    LEAVE_OUT,

    /** It becomes several samples, none longer; for texts only. */
    SPLIT
}
