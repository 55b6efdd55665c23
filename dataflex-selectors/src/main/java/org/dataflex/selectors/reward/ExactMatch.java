package org.dataflex.selectors.reward;

/** 1 if the answer is its reference, but for white space around both, and 0 otherwise. */
public record ExactMatch() implements Reward {

    private static final String NAME = "exact";

    @Override
    public double of(Answer answer) {
        return answer.text().strip().equals(answer.requiredReference(NAME).strip()) ? 1 : 0;
    }

    /** Refuses a prompt without a reference. */
    @Override
    public void check(Answer unanswered) {
        unanswered.requiredReference(NAME);
    }

    @Override
    public String description() {
        return NAME;
    }
}
