package org.dataflex.strategy;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.dataflex.data.Domain;

/**
 * What one step's batch showed of each domain.
 *
 * @param step the number of the step, 1 for the first
 * @param mixture the proportions that the batch was drawn with
 * @param losses the mean training loss, before weighting, of each domain that was drawn
 */
public record DomainLosses(long step, Mixture mixture, Map<Domain, Double> losses) {

    /** Copies. */
    public DomainLosses {
        losses = Collections.unmodifiableMap(new LinkedHashMap<>(losses));
    }
}
