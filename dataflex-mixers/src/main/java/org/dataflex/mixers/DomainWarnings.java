package org.dataflex.mixers;

import java.util.ArrayList;
import java.util.List;
import org.dataflex.data.Domain;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells, once each, what makes DoReMi's averages worth little. */
final class DomainWarnings {

    /** A weight that leaves the other domains next to nothing. */
    static final double NEARLY_ALL = 0.95;

    private static final Logger LOG = LoggerFactory.getLogger(DoReMiMixer.class);

    private boolean toldOfCollapse;
    private boolean toldOfMissing;

    /** Looks at a step that is over. */
    void look(long step, List<Domain> domains, ExcessLoss excess, double[] weights) {
        for (int i = 0; i < weights.length && !toldOfCollapse; i++) {
            if (weights[i] > NEARLY_ALL) {
                toldOfCollapse = true;
                LOG.warn(
                        "step {}: domain '{}' has {} of the domain weights, the others hardly"
                                + " count; lower stepSize, raise smoothing, or train the reference"
                                + " longer",
                        step + 1,
                        domains.get(i),
                        weights[i]);
            }
        }
        List<Domain> missing = new ArrayList<>();
        for (int i = 0; i < weights.length; i++) {
            if (!excess.has(i)) {
                missing.add(domains.get(i));
            }
        }
        if (!missing.isEmpty() && !toldOfMissing) {
            toldOfMissing = true;
            LOG.warn(
                    "step {}: the batch has no tokens of {}, whose scores stay as they were; draw"
                            + " more rows a step",
                    step + 1,
                    missing);
        }
    }
}
