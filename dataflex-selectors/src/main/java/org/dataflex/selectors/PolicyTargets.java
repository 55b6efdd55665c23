package org.dataflex.selectors;

import static java.util.stream.Collectors.joining;

import ai.djl.TrainingDivergedException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.Samples;
import org.dataflex.data.TokenSequences;
import org.dataflex.math.Seeds;
import org.dataflex.model.Direction;
import org.dataflex.model.ModelOps;
import org.dataflex.model.Normalisation;
import org.dataflex.model.WeightedSamples;
import org.dataflex.selectors.reward.Answer;
import org.dataflex.strategy.SelectionContext;

/** The policy gradients of sets of prompts, by answers of the model as it is now. */
final class PolicyTargets {

    private final NiceSelectorBuilder settings;
    private final Collection<List<Prompt>> sets;

    private final AnswerRewards rewards;
    private final UpdateInProgress update = new UpdateInProgress();

    /** Those of the update in progress, for each domain that is selected from; null before any. */
    private List<Answered> answered;

    /**
     * Aims at sets of prompts.
     *
     * @param settings how answers are drawn, rated and weighed
     * @param sets the sets, none of them empty
     */
    PolicyTargets(NiceSelectorBuilder settings, Collection<List<Prompt>> sets) {
        this.settings = settings;
        this.sets = sets;
        this.rewards = new AnswerRewards(settings.reward, settings.rewardFile);
    }

    /** A prompt's answers: their tokens, and what each counts for. */
    private record Answered(Prompt prompt, List<int[]> answers, double[] weights) {

        /** Tells it from any other. */
        String description() {
            return Arrays.toString(prompt.tokenIds())
                    + answers.stream().map(Arrays::toString).toList()
                    + Arrays.toString(weights);
        }
    }

    /**
     * Answers the prompts, once an update, and follows what is rewarded.
     *
     * @param context the model in training, and the step, which the draws depend on
     * @return the mean of unit policy gradients of each set
     * @throws IllegalStateException if nothing can be learned from any answer
     */
    List<Direction> directions(SelectionContext context) {
        if (!update.goesOn(context)) {
            answered = null;
        }
        if (answered == null) {
            answered = answerAll(context.model(), context.step());
        }
        return answeredSets().stream().map(set -> direction(set, context.model())).toList();
    }

    /**
     * Describes what the directions of the update in progress follow from, given the model: the
     * answers of each set, which follow from seed and step, and what each counts for, which follows
     * from the rewards.
     */
    String description() {
        return answeredSets().stream()
                .map(set -> set.stream().map(Answered::description).collect(joining("\n")))
                .collect(joining("\n\n", "policy\n", ""));
    }

    private List<List<Answered>> answeredSets() {
        List<List<Answered>> answeredSets = new ArrayList<>();
        int from = 0;
        for (List<Prompt> set : sets) {
            answeredSets.add(answered.subList(from, from + set.size()));
            from += set.size();
        }
        return answeredSets;
    }

    private List<Answered> answerAll(ModelOps model, long step) {
        List<Prompt> prompts = sets.stream().flatMap(List::stream).toList();
        List<Answered> all = answer(prompts, model, step);
        if (settings.compatibility == Compatibility.NONE) {
            requireSignal(all);
        }
        return all;
    }

    private List<Answered> answer(List<Prompt> prompts, ModelOps model, long step) {
        int each = settings.mcSamples;
        List<int[]> asked = new ArrayList<>();
        for (Prompt prompt : prompts) {
            for (int i = 0; i < each; i++) {
                asked.add(prompt.tokenIds());
            }
        }
        List<int[]> tokens =
                model.generate(asked, settings.options(Seeds.mix(settings.seed, step)));
        List<Answer> answers =
                IntStream.range(0, tokens.size())
                        .mapToObj(i -> answer(prompts.get(i / each), tokens.get(i)))
                        .toList();
        requireAnswers(answers);
        Map<Answer, Double> rated = rewards.of(answers, step);
        List<Answered> all = new ArrayList<>();
        for (int q = 0; q < prompts.size(); q++) {
            int from = q * each;
            double[] ofPrompt =
                    answers.subList(from, from + each).stream().mapToDouble(rated::get).toArray();
            all.add(
                    new Answered(
                            prompts.get(q),
                            tokens.subList(from, from + each),
                            settings.weights().of(ofPrompt)));
        }
        return all;
    }

    private Answer answer(Prompt prompt, int[] tokens) {
        int length = tokens.length;
        if (length > 0 && settings.stopTokens.contains(tokens[length - 1])) {
            length--;
        }
        String text = length == 0 ? "" : settings.tokenizer.decode(Arrays.copyOf(tokens, length));
        return new Answer(prompt.text(), text, prompt.reference());
    }

    private void requireAnswers(List<Answer> answers) {
        if (settings.compatibility == Compatibility.NONE
                && answers.stream().allMatch(answer -> answer.text().isBlank())) {
            throw new IllegalStateException(
                    "all "
                            + answers.size()
                            + " answers of the model are empty; check the stop tokens and the"
                            + " tokenizer, or train it longer first");
        }
    }

    private void requireSignal(List<Answered> all) {
        for (Answered each : all) {
            if (Arrays.stream(each.weights()).anyMatch(weight -> weight != 0)) {
                return;
            }
        }
        throw new IllegalStateException(
                "no answer to any of "
                        + all.size()
                        + " prompts counts, since reward "
                        + settings.reward.description()
                        + (settings.baseline ? " is the same for all answers to a prompt" : " is 0")
                        + (settings.rejects() ? " or below rejectBelow" : "")
                        + ", so no candidate is better than another; ask easier prompts or more"
                        + " mcSamples, or train longer first");
    }

    private Direction direction(List<Answered> set, ModelOps model) {
        TokenSequences.Builder builder = TokenSequences.builder();
        for (Answered each : set) {
            int[] prompt = each.prompt().tokenIds();
            for (int[] answer : each.answers()) {
                int[] both = Arrays.copyOf(prompt, prompt.length + answer.length);
                System.arraycopy(answer, 0, both, prompt.length, answer.length);
                builder.add(both, prompt.length);
            }
        }
        try (TokenSequences sequences = builder.build()) {
            List<WeightedSamples> groups = new ArrayList<>();
            long from = 0;
            for (Answered each : set) {
                long to = from + each.answers().size();
                Samples samples = new Samples(sequences, SampleIndices.range(from, to));
                groups.add(new WeightedSamples(samples, perToken(each)));
                from = to;
            }
            try {
                return mean(groups, model);
            } catch (TrainingDivergedException e) {
                throw diverged(set, groups, model, e);
            }
        }
    }

    private Direction mean(List<WeightedSamples> groups, ModelOps model) {
        return model.meanOfSums(groups, settings.parameters.asPredicate(), Normalisation.UNIT);
    }

    /** Finds the first prompt whose gradient is not finite, by asking for one after the other. */
    private TrainingDivergedException diverged(
            List<Answered> set,
            List<WeightedSamples> groups,
            ModelOps model,
            TrainingDivergedException cause) {
        for (int q = 0; q < groups.size(); q++) {
            try {
                mean(groups.subList(q, q + 1), model);
            } catch (TrainingDivergedException e) {
                return new TrainingDivergedException(
                        "the gradient of the answers to prompt '"
                                + set.get(q).prompt().text()
                                + "' is not finite; find out why their loss is NaN or infinite, or"
                                + " leave the prompt out",
                        e);
            }
        }
        return cause;
    }

    /** A loss is a mean over tokens, log p(answer) their sum. */
    private static float[] perToken(Answered answered) {
        float[] weights = new float[answered.weights().length];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) (answered.weights()[i] * answered.answers().get(i).length);
        }
        return weights;
    }
}
