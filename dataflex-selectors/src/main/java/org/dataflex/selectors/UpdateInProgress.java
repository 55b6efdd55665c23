package org.dataflex.selectors;

import java.util.List;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.Domain;
import org.dataflex.data.SampleIndices;
import org.dataflex.strategy.SelectionContext;

/**
 * Tells whether a selector is still asked about the same update, in which the model stays as it is.
 *
 * <p>With a mixer a selector is asked about one domain after the other, in the pool's order. So a
 * call goes on with an update if it is of the same pool and step as the call before, and about a
 * later domain. The first call of an update never does, not even where another run, or the same run
 * resumed, comes to the same step.
 */
final class UpdateInProgress {

    /** Null before the first call. */
    private CandidatePool pool;

    private long step;

    /** The last domain that has been asked about. */
    private int domain;

    /** Notes a call, and returns whether it goes on with the update of the one before. */
    boolean goesOn(SelectionContext context) {
        SampleIndices candidates = context.candidates().indices();
        boolean goesOn =
                pool == context.pool()
                        && step == context.step()
                        && domain < domainOf(candidates.get(0), context.pool());
        pool = context.pool();
        step = context.step();
        domain = domainOf(candidates.get(candidates.size() - 1), pool);
        return goesOn;
    }

    private static int domainOf(long candidate, CandidatePool pool) {
        List<Domain> domains = pool.domains();
        return domains.indexOf(pool.domainOf(candidate));
    }
}
