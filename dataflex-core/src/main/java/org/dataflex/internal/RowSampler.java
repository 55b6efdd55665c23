package org.dataflex.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.dataflex.checkpoint.Tensor;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.Domain;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.Samples;
import org.dataflex.math.LargestRemainder;
import org.dataflex.math.SeededPermutation;
import org.dataflex.math.Seeds;
import org.dataflex.math.Shuffle;
import org.dataflex.strategy.Mixture;

/**
 * Draws the rows of each step.
 *
 * <p>Without a mixer there is one scope, the pool. With a mixer each domain is a scope: a step's
 * rows are allocated to the domains by largest remainder, what a step rounds off is carried to the
 * next. Within a scope rows are drawn without replacement, from the scope's selection if there is
 * one.
 */
final class RowSampler {

    private static final long CANDIDATES = Seeds.of("candidates of a selector");
    private static final long SHUFFLE = Seeds.of("row order within a step");

    private final CandidatePool pool;
    private final long seed;
    private final boolean byDomain;
    private final List<RowCursor> cursors = new ArrayList<>();
    private final double[] carry;

    RowSampler(CandidatePool pool, boolean byDomain, long seed) {
        this(pool, SampleIndices.range(0, pool.size()), byDomain, seed);
    }

    /** A sampler that, unless by domain, draws from some samples of a pool only. */
    RowSampler(CandidatePool pool, SampleIndices candidates, boolean byDomain, long seed) {
        this.pool = pool;
        this.seed = seed;
        this.byDomain = byDomain;
        if (byDomain) {
            for (Domain domain : pool.domains()) {
                addScope(pool.samples(domain).indices(), domain.name());
            }
        } else {
            addScope(candidates, "pool");
        }
        this.carry = new double[cursors.size()];
    }

    private void addScope(SampleIndices rows, String name) {
        cursors.add(new RowCursor(rows, Seeds.mix(seed, Seeds.of(name))));
    }

    /** The scopes that a selector is asked about. */
    int scopes() {
        return cursors.size();
    }

    String scopeName(int scope) {
        return byDomain ? pool.domains().get(scope).name() : "pool";
    }

    int size(int scope) {
        return cursors.get(scope).all().size();
    }

    /** Draws what a selector may choose from at a step, ascending; all samples if they are few. */
    Samples candidates(int scope, int count, long step) {
        SampleIndices all = cursors.get(scope).all();
        if (count >= all.size()) {
            return new Samples(pool, all);
        }
        SeededPermutation order =
                new SeededPermutation(all.size(), Seeds.mix(seed, CANDIDATES, step, scope));
        long[] drawn = new long[count];
        Arrays.setAll(drawn, i -> all.get((int) order.at(i)));
        Arrays.sort(drawn);
        return new Samples(pool, SampleIndices.of(drawn));
    }

    /** Draws from other samples of the pool from now on, unless a selection is in force. */
    void replaceCandidates(SampleIndices candidates, long step) {
        cursors.get(0).replaceAll(candidates, step);
    }

    void select(int scope, SampleIndices selection, long step) {
        cursors.get(scope).select(selection, step);
    }

    /** Draws a step's rows; the mixture counts only if there are scopes by domain. */
    SampleIndices next(int count, Mixture mixture, long step) {
        if (!byDomain) {
            return draw(new int[] {count});
        }
        double[] shares = mixture.toArray(pool.domains());
        long[] rows = draw(LargestRemainder.allocate(count, shares, carry)).toArray();
        Shuffle.inPlace(rows, Seeds.generator(seed, SHUFFLE, step));
        return SampleIndices.of(rows);
    }

    private SampleIndices draw(int[] counts) {
        List<Long> rows = new ArrayList<>();
        for (int scope = 0; scope < counts.length; scope++) {
            for (int i = 0; i < counts[scope]; i++) {
                rows.add(cursors.get(scope).next());
            }
        }
        return SampleIndices.of(rows.stream().mapToLong(Long::longValue).toArray());
    }

    /** Saves small values into a JSON object, selections as tensors. */
    void save(ObjectNode state, Map<String, Tensor> tensors) {
        for (int scope = 0; scope < cursors.size(); scope++) {
            RowCursor cursor = cursors.get(scope);
            state.withArray("cursors")
                    .addObject()
                    .put("scope", scopeName(scope))
                    .put("round", cursor.round())
                    .put("drawn", cursor.drawn());
            if (cursor.selection() != null) {
                tensors.put("rows/" + scope, Tensor.of(cursor.selection().toArray()));
            }
        }
        tensors.put("rows/carry", Tensor.of(carry));
    }

    /** Takes the place of the sampler that saved this. */
    void restore(JsonNode state, Map<String, Tensor> tensors) {
        for (int scope = 0; scope < cursors.size(); scope++) {
            JsonNode saved = state.path("cursors").path(scope);
            Tensor selection = tensors.get("rows/" + scope);
            cursors.get(scope)
                    .restore(
                            selection == null ? null : SampleIndices.of(selection.toLongs()),
                            saved.path("round").asLong(),
                            saved.path("drawn").asLong());
        }
        double[] saved = tensors.get("rows/carry").toDoubles();
        System.arraycopy(saved, 0, carry, 0, carry.length);
    }
}
