package org.dataflex.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.stream.StreamSupport;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.Samples;
import org.dataflex.data.TokenSequences;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.model.Direction;
import org.dataflex.model.Normalisation;
import org.dataflex.model.WeightedSamples;
import org.dataflex.testing.Golden;
import org.dataflex.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Policy gradients as DataFlex computes them: reward times the sum of -log p over an answer. */
@ExtendWith(NoLeaks.class)
class NiceGoldenTest {

    private static final double TOLERANCE = 1e-6;

    private final JsonNode golden = Golden.cases("nice-policy-gradient.json").get(0);
    private final double[] rewards = Golden.array(golden.get("rewards"));
    private final TokenSequences answers = answers();

    private TokenSequences answers() {
        TokenSequences.Builder builder = TokenSequences.builder();
        for (JsonNode sequence : golden.get("sequences")) {
            int[] ids = Arrays.stream(Golden.array(sequence)).mapToInt(id -> (int) id).toArray();
            builder.add(ids, golden.get("promptLength").asInt());
        }
        return builder.build();
    }

    /** The weight of an answer whose loss is a mean over tokens. */
    private float weight(int answer, int answersAPrompt) {
        int tokens = answers.length(answer) - golden.get("promptLength").asInt();
        return (float) (rewards[answer] * tokens / answersAPrompt);
    }

    private WeightedSamples only(int answer) {
        return new WeightedSamples(
                new Samples(answers, SampleIndices.of(answer)), new float[] {weight(answer, 1)});
    }

    @Test
    void meanOfSums_ofRewardedAnswers_equalsTheReference() {
        try (Model model = Model.newInstance("bigram");
                NDManager scope = model.getNDManager().newSubManager()) {
            Bigram bigram = new Bigram(5);
            model.setBlock(bigram);
            bigram.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 4));
            bigram.set(golden.get("table"));
            DjlModelOps ops = new DjlModelOps(model, new CausalLmLoss(), scope, 2);
            float[] all = new float[rewards.length];
            for (int i = 0; i < all.length; i++) {
                all[i] = weight(i, all.length);
                assertEqual(golden.get("perAnswer").get(i), ops, List.of(only(i)));
            }
            WeightedSamples prompt = new WeightedSamples(Samples.all(answers), all);
            assertEqual(golden.get("mean"), ops, List.of(prompt));
            // each answer as a group of its own, of which the last counts with 0
            assertEqual(golden.get("mean"), ops, List.of(only(0), only(1), only(2)));
        }
    }

    private static void assertEqual(JsonNode expected, DjlModelOps ops, List<WeightedSamples> of) {
        Direction actual = ops.meanOfSums(of, name -> true, Normalisation.NONE);
        assertArrayEquals(Golden.array(expected), GradientRows.of(actual), TOLERANCE);
    }

    /** Logits that are the row of the last token. */
    private static final class Bigram extends AbstractBlock {

        private final int vocabularySize;
        private final Parameter table;

        Bigram(int vocabularySize) {
            this.vocabularySize = vocabularySize;
            table =
                    addParameter(
                            Parameter.builder()
                                    .setName("table")
                                    .setType(Parameter.Type.WEIGHT)
                                    .optShape(new Shape(vocabularySize, vocabularySize))
                                    .build());
        }

        void set(JsonNode rows) {
            double[] flat =
                    StreamSupport.stream(rows.spliterator(), false)
                            .flatMapToDouble(row -> Arrays.stream(Golden.array(row)))
                            .toArray();
            try (NDArray values =
                    table.getArray()
                            .getManager()
                            .create(RowModel.floats(flat), table.getArray().getShape())) {
                table.getArray().subi(table.getArray()).addi(values);
            }
        }

        @Override
        protected NDList forwardInternal(
                ParameterStore parameters,
                NDList inputs,
                boolean training,
                PairList<String, Object> options) {
            NDArray ids = inputs.get(0);
            NDArray rows = parameters.getValue(table, ids.getDevice(), training);
            return new NDList(ids.oneHot(vocabularySize).matMul(rows));
        }

        @Override
        public Shape[] getOutputShapes(Shape[] inputs) {
            return new Shape[] {new Shape(inputs[0].get(0), inputs[0].get(1), vocabularySize)};
        }
    }
}
