package org.dataflex.selectors;

import ai.djl.ndarray.NDArray;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.dataflex.data.Domain;
import org.dataflex.data.SampleSet;
import org.dataflex.data.Samples;
import org.dataflex.model.Alignment;
import org.dataflex.model.Direction;
import org.dataflex.model.Normalisation;
import org.dataflex.model.Pooling;
import org.dataflex.model.Preconditioner;
import org.dataflex.selectors.RankingSelector.Candidate;
import org.dataflex.strategy.SelectionContext;

/**
 * Asks the model when somebody wants to know: losses for all candidates at once, embeddings and
 * alignments for a chunk of them.
 */
final class LazyCandidates {

    private static final int CHUNK_SIZE = 256;

    private final SelectionContext context;
    private final SampleSet targets;
    private final Preconditioner preconditioner;
    private final List<Samples> chunks;

    /** Null until asked for. */
    private float[] losses;

    /** Null until asked for. */
    private Direction direction;

    /** What is known of the chunk in hand. */
    private final Map<Pooling, float[][]> embeddings = new EnumMap<>(Pooling.class);

    private Alignment alignment;
    private int chunk;

    /**
     * Begins without having asked.
     *
     * @param context the call
     * @param targets what alignments are to, or null
     * @param preconditioner of the candidates' gradients, or null
     */
    LazyCandidates(SelectionContext context, SampleSet targets, Preconditioner preconditioner) {
        this.context = context;
        this.targets = targets;
        this.preconditioner = preconditioner;
        this.chunks = context.candidates().chunks(CHUNK_SIZE);
    }

    /** The candidate at a place among the candidates; best asked for in order. */
    Candidate candidate(int place) {
        return new At(place);
    }

    private void turnTo(int wanted) {
        if (chunk != wanted) {
            chunk = wanted;
            embeddings.clear();
            alignment = null;
        }
    }

    private float[] losses() {
        if (losses == null) {
            losses = context.model().losses(context.candidates());
        }
        return losses;
    }

    private float[][] embed(Pooling pooling) {
        Samples samples = chunks.get(chunk);
        try (NDArray array = context.model().embed(samples, pooling)) {
            float[] values = array.toFloatArray();
            float[][] rows = new float[samples.size()][values.length / samples.size()];
            for (int i = 0; i < rows.length; i++) {
                System.arraycopy(values, i * rows[i].length, rows[i], 0, rows[i].length);
            }
            return rows;
        }
    }

    private Alignment alignment() {
        if (targets == null) {
            throw new IllegalStateException(
                    "alignment needs target samples; call RankingSelector.towards");
        }
        if (direction == null) {
            direction =
                    context.model()
                            .meanGradient(Samples.all(targets), name -> true, Normalisation.UNIT);
        }
        if (alignment == null) {
            alignment =
                    context.model()
                            .alignment(chunks.get(chunk), List.of(direction), preconditioner);
        }
        return alignment;
    }

    private final class At implements Candidate {

        private final int place;

        At(int place) {
            this.place = place;
        }

        @Override
        public long index() {
            return context.candidates().indices().get(place);
        }

        @Override
        public Domain domain() {
            return context.pool().domainOf(index());
        }

        @Override
        public double loss() {
            return losses()[place];
        }

        @Override
        public float[] embedding(Pooling pooling) {
            turnTo(place / CHUNK_SIZE);
            return embeddings
                    .computeIfAbsent(pooling, LazyCandidates.this::embed)[place % CHUNK_SIZE];
        }

        @Override
        public double alignment() {
            turnTo(place / CHUNK_SIZE);
            return LazyCandidates.this.alignment().unitProduct(place % CHUNK_SIZE, 0);
        }
    }
}
