package org.dataflex.selectors;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.SampleIndices;
import org.dataflex.strategy.SelectionContext;

/**
 * Keeps what follows from fixed embeddings, for as many candidate sets of one pool as it has
 * domains.
 *
 * @param <T> the answer for a candidate set
 */
final class FixedAnswers<T> {

    private final Map<SampleIndices, T> answers = new LinkedHashMap<>();

    /** Whose samples the answers are about; null before the first. */
    private CandidatePool pool;

    T get(EmbeddingSource source, SelectionContext context, Supplier<T> compute) {
        if (!source.isFixed()) {
            return compute.get();
        }
        if (pool != context.pool()) {
            answers.clear();
            pool = context.pool();
        }
        SampleIndices key = context.candidates().indices();
        T answer = answers.get(key);
        if (answer == null) {
            answer = compute.get();
            if (answers.size() == context.pool().domains().size()) {
                answers.remove(answers.keySet().iterator().next());
            }
            answers.put(key, answer);
        }
        return answer;
    }
}
