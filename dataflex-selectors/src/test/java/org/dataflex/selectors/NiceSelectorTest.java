package org.dataflex.selectors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.TrainingDivergedException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.dataflex.data.CandidatePool;
import org.dataflex.data.Domain;
import org.dataflex.data.SampleSet;
import org.dataflex.data.TokenSequences;
import org.dataflex.math.Seeds;
import org.dataflex.model.GenerationOptions;
import org.dataflex.model.Preconditioner;
import org.dataflex.model.UnsupportedModelException;
import org.dataflex.selectors.NiceSelector.Preconditioning;
import org.dataflex.selectors.reward.Answer;
import org.dataflex.selectors.reward.Reward;
import org.dataflex.strategy.Selection;
import org.dataflex.strategy.SelectionContext;
import org.dataflex.strategy.Selector;
import org.dataflex.testing.FakeContexts;
import org.dataflex.testing.FakeModelOps;
import org.dataflex.testing.FakePool;
import org.dataflex.testing.SelectorContract;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** A token is a digit; 0 ends an answer. */
class NiceSelectorTest implements SelectorContract {

    private static final double LAST = Double.NEGATIVE_INFINITY;

    private static final Tokenizer DIGITS =
            Tokenizer.of(
                    text -> text.chars().map(c -> c - '0').toArray(),
                    ids ->
                            Arrays.stream(ids)
                                    .mapToObj(String::valueOf)
                                    .collect(Collectors.joining()));

    private static Prompt prompt(String text) {
        return new Prompt(text, DIGITS.encode(text), null);
    }

    private static NiceSelectorBuilder builder(Reward reward) {
        return NiceSelector.builder()
                .setTokenizer(DIGITS)
                .setReward(reward)
                .addStopTokens(List.of(0));
    }

    @Override
    public Selector create() {
        return builder(answer -> answer.text().length())
                .addSubtask("exam", List.of(prompt("12"), prompt("3")))
                .addSubtask("quiz", List.of(prompt("4")))
                .build();
    }

    @Test
    void targets_areThePromptsTokens() {
        Map<String, SampleSet> targets = create().targets();
        assertEquals(Set.of("exam", "quiz"), targets.keySet());
        TokenSequences exam = (TokenSequences) targets.get("exam");
        assertEquals(2, exam.size());
        assertArrayEquals(new int[] {1, 2}, exam.ids(0));
        assertArrayEquals(new int[] {3}, exam.ids(1));
    }

    @Override
    public boolean isDeterministic() {
        return true;
    }

    @Override
    public boolean isCreatableByName() {
        return false;
    }

    @Override
    public FakeModelOps modelAt(long step) {
        return FakeModelOps.withGradients(
                        null,
                        (set, i) ->
                                set instanceof TokenSequences texts
                                        ? GaussianRows.of(6, Arrays.hashCode(texts.ids(i)))
                                        : GaussianRows.of(6, i + 1_000 * step))
                .andAnswers(
                        (prompts, options) ->
                                IntStream.range(0, prompts.size())
                                        .mapToObj(i -> digits(options.seed() + i))
                                        .toList());
    }

    private static int[] digits(long seed) {
        RandomGenerator random = Seeds.generator(seed);
        return IntStream.range(0, 1 + random.nextInt(4)).map(t -> 1 + random.nextInt(9)).toArray();
    }

    @Test
    void nameAndSettings() {
        assertEquals("nice", create().name());
        String exam = PromptFiles.fingerprint(List.of(prompt("12"), prompt("3")));
        assertEquals("2 prompts ", exam.substring(0, 10));
        assertEquals(
                "{prompts=exam:"
                        + exam
                        + ", reward=custom, mcSamples=4, maxNewTokens=512, temperature=1.0, topK=0,"
                        + " topP=1.0, stopTokens=[0], seed=0, baseline=false, preconditioner=adam,"
                        + " compatibility=none, parameters=, chunkSize=256}",
                exam(builder(answer -> 1)).build().settings().toString());
        assertEquals(
                "{prompts=exam:"
                        + exam
                        + ", reward=custom, mcSamples=8, maxNewTokens=5, temperature=0.7, topK=50,"
                        + " topP=0.95, stopTokens=[0, 2], seed=3, baseline=true, rejectBelow=0.5,"
                        + " topAnswers=2, preconditioner=none, compatibility=dataflex,"
                        + " parameters=lora, chunkSize=30}",
                exam(builder(answer -> 1))
                        .addStopTokens(Set.of(2))
                        .optMcSamples(8)
                        .optMaxNewTokens(5)
                        .optTemperature(0.7)
                        .optLikeliest(50, 0.95)
                        .optSeed(3)
                        .optBaseline(true)
                        .optRejectBelow(0.5)
                        .optTopAnswers(2)
                        .optPreconditioner(Preconditioning.NONE)
                        .optCompatibility(Compatibility.DATAFLEX)
                        .optParameters(Pattern.compile("lora"))
                        .optChunkSize(30)
                        .build()
                        .settings()
                        .toString());
    }

    private static NiceSelectorBuilder exam(NiceSelectorBuilder builder) {
        return builder.addSubtask("exam", List.of(prompt("12"), prompt("3")));
    }

    @Test
    void fingerprint_tellsTextTokensAndReferenceApart() {
        Set<String> all =
                Set.of(
                        PromptFiles.fingerprint(List.of(new Prompt("1", new int[] {1}, null))),
                        PromptFiles.fingerprint(List.of(new Prompt("1", new int[] {1}, ""))),
                        PromptFiles.fingerprint(List.of(new Prompt("1", new int[] {2}, null))),
                        PromptFiles.fingerprint(List.of(new Prompt("2", new int[] {1}, null))),
                        PromptFiles.fingerprint(List.of(new Prompt("1", new int[] {1}, "2"))));
        assertEquals(5, all.size()); // Set.of refuses equal ones, too
    }

    /** Answers 7 and 88 to each prompt but 3, which is answered by 9 and the stop token alone. */
    private static List<int[]> answers(List<int[]> prompts, GenerationOptions options) {
        List<int[]> answers = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            int[] odd = prompts.get(i)[0] == 3 ? new int[] {0} : new int[] {8, 8};
            int[] even = prompts.get(i)[0] == 3 ? new int[] {9, 0} : new int[] {7};
            answers.add(i % 2 == 0 ? even : odd);
        }
        return answers;
    }

    private static double reward(Answer answer) {
        return switch (answer.prompt() + answer.text()) {
            case "17" -> 0.6;
            case "188" -> 0.4;
            case "39" -> 1;
            default -> 0;
        };
    }

    private static FakeModelOps model(double[]... candidates) {
        return FakeModelOps.withGradients(
                        null,
                        (set, i) ->
                                set instanceof TokenSequences texts
                                        ? gradient(texts.ids(i), texts.targets(i))
                                        : candidates[i.intValue()])
                .andAnswers(NiceSelectorTest::answers);
    }

    /** What the first target token says. */
    private static double[] gradient(int[] ids, boolean[] targets) {
        assertEquals(false, targets[0], "the prompt is no target");
        return switch (ids[1]) {
            case 7 -> new double[] {1, 0};
            case 8 -> new double[] {0, 1};
            case 9 -> new double[] {0, -1};
            default -> new double[] {100, 100};
        };
    }

    private static Selection select(Selector selector, FakeModelOps model, int size) {
        return selector.select(
                FakeContexts.of(FakePool.ofSize(size)).withModel(model).selection(size));
    }

    private static NiceSelectorBuilder closedForm() {
        return builder(NiceSelectorTest::reward)
                .optMcSamples(2)
                .addSubtask("exam", List.of(prompt("1"), prompt("2")))
                .addSubtask("quiz", List.of(prompt("3")));
    }

    @Test
    void select_closedForm_takesTheBestSubtask_zerosThenNaNLast() {
        double[][] candidates = {
            {0, 0}, {Double.NaN, 1}, {3, 4}, {-2, 0}, {0, -1e-3}, {0, 5}, {0, 0}
        };
        // one token and two: u(1) ~ 0.6 (1, 0) + 0.4 * 2 (0, 1), which is (0.6, 0.8);
        // u(2) = 0, so that exam is (0.3, 0.4); the empty answer to 3 counts nothing: quiz (0, -1)
        Selection best = select(closedForm().build(), model(candidates), 7);
        assertEquals(List.of(4L, 2L, 5L, 0L, 3L, 6L, 1L), best.indices().asList());
        assertArrayEquals(new double[] {1, 0.5, 0.4, 0, 0, 0, LAST}, best.scores(), 1e-6);
    }

    @Test
    void select_asDataFlex_takesTheMeanOverAllPrompts_andRawGradients() {
        double[][] candidates = {{1, 0}, {0, 1}, {-3, 0}};
        FakeModelOps model = model(candidates);
        Selector selector = closedForm().optCompatibility(Compatibility.DATAFLEX).build();
        Selection best = select(selector, model, 3); // ((0.6, 0.8) + 0 + (0, -1)) / 3
        assertEquals(List.of(0L, 1L, 2L), best.indices().asList());
        assertArrayEquals(new double[] {0.2, -0.2 / 3, -0.2}, best.scores(), 1e-6);
        assertEquals(List.of(new Preconditioner.None()), model.preconditioners());
    }

    @Test
    void select_withTopAnswers_followsTheBestOnly() {
        Selector selector =
                builder(NiceSelectorTest::reward)
                        .optMcSamples(2)
                        .optTopAnswers(1)
                        .addSubtask("exam", List.of(prompt("1")))
                        .build();
        Selection best = select(selector, model(new double[][] {{0, 5}, {5, 0}}), 2);
        assertArrayEquals(new double[] {1, 0}, best.scores(), 1e-6);
        assertEquals(1, best.indices().get(0)); // 7 with 0.6, not 88 with 0.4
    }

    @Test
    void select_withABaseline_repelsWhatIsBelow() {
        Selector selector =
                builder(NiceSelectorTest::reward)
                        .optMcSamples(2)
                        .optBaseline(true)
                        .addSubtask("exam", List.of(prompt("1")))
                        .build();
        Selection best = select(selector, model(new double[][] {{0, 5}, {5, 0}}), 2);
        // 0.6 - 0.4 for one token, 0.4 - 0.6 for two
        assertArrayEquals(new double[] {0.2, -0.8}, square(best.scores()), 1e-6);
        assertEquals(1, best.indices().get(0));
    }

    /** x |x|, which is rational here. */
    private static double[] square(double[] values) {
        return Arrays.stream(values).map(x -> x * Math.abs(x)).toArray();
    }

    @Test
    void select_asksForThePreconditionerOfTheSettings() {
        FakeModelOps adam = model(new double[][] {{1, 0}});
        select(closedForm().build(), adam, 1);
        assertEquals(List.of(Preconditioner.Adam.less()), adam.preconditioners());
        FakeModelOps none = model(new double[][] {{1, 0}});
        select(closedForm().optPreconditioner(Preconditioning.NONE).build(), none, 1);
        assertEquals(List.of(new Preconditioner.None()), none.preconditioners());
    }

    /** What the model and the reward were asked. */
    private static final class Asked implements Reward {

        private final List<GenerationOptions> options = new ArrayList<>();
        private final List<String> prompts = new ArrayList<>();
        private final List<String> answers = new ArrayList<>();

        private List<int[]> answer(List<int[]> asked, GenerationOptions how) {
            options.add(how);
            asked.forEach(ids -> prompts.add(DIGITS.decode(ids)));
            return answers(asked, how);
        }

        @Override
        public double of(Answer answer) {
            answers.add(answer.prompt() + "->" + answer.text());
            return 1;
        }
    }

    @Test
    void select_generatesAndRatesOnceAnUpdate_whateverTheDomains() {
        Asked asked = new Asked();
        Selector selector = exam(asked).build();
        FakeContexts contexts = inDomains(asked).atStep(5);
        askEachDomain(selector, contexts);
        assertEquals(List.of("1", "1", "1", "1", "3", "3", "3", "3"), asked.prompts);
        List<String> once = List.of("1->7", "1->88", "3->9"); // the empty one is not rated
        assertEquals(once, asked.answers);
        askEachDomain(selector, contexts.atStep(6));
        assertEquals(6, asked.answers.size());
        assertEquals(2, asked.options.size());
        GenerationOptions how = asked.options.get(1);
        assertNotEquals(asked.options.get(0).seed(), how.seed());
        assertEquals(6, how.maxNewTokens());
        assertEquals(1, how.temperature());
        assertEquals(Set.of(0), how.stopTokens());
    }

    @Test
    void select_anotherUpdateAtTheSameStep_generatesAnew() {
        Asked asked = new Asked();
        Selector selector = exam(asked).build();
        FakeContexts contexts = inDomains(asked).atStep(5);
        askEachDomain(selector, contexts);
        askEachDomain(selector, contexts); // such as the run resumed
        assertEquals(2, asked.options.size());
        askEachDomain(selector, inDomains(asked).atStep(5)); // of another pool
        assertEquals(3, asked.options.size());
        selector.select(contexts.selection(1)); // without a mixer
        selector.select(contexts.selection(1));
        assertEquals(5, asked.options.size());
        assertEquals(1, Set.copyOf(asked.options).size()); // all the same question
    }

    @Test
    void select_ofALaterDomain_doesNotDependOnWhatIsKept() {
        CandidatePool pool = FakePool.ofSizes(11, 20, 13);
        FakeContexts contexts = FakeContexts.of(pool).atStep(5).withModel(modelAt(5));
        Selector asked = create();
        for (Domain domain : pool.domains()) {
            SelectionContext context = contexts.selection(pool.samples(domain), 6);
            Selection kept = asked.select(context);
            Selection anew = create().select(context);
            assertEquals(anew.indices().asList(), kept.indices().asList());
            assertArrayEquals(anew.scores(), kept.scores()); // bit for bit
        }
    }

    private static NiceSelectorBuilder exam(Asked asked) {
        return builder(asked)
                .optMcSamples(4)
                .optMaxNewTokens(6)
                .optSeed(11)
                .addSubtask("exam", List.of(prompt("1"), prompt("3")));
    }

    /** A pool of three domains, and a model that notes what it is asked. */
    private static FakeContexts inDomains(Asked asked) {
        double[][] candidates = {{1, 0}, {0, 1}, {1, 1}, {2, 0}};
        return FakeContexts.of(FakePool.ofSizes(1, 2, 1))
                .withModel(model(candidates).andAnswers(asked::answer));
    }

    private static void askEachDomain(Selector selector, FakeContexts contexts) {
        CandidatePool pool = contexts.selection(1).pool();
        for (Domain domain : pool.domains()) {
            selector.select(contexts.selection(pool.samples(domain), 1));
        }
    }

    private static String failure(NiceSelectorBuilder builder, FakeModelOps model) {
        Selector selector = builder.build();
        return assertThrows(IllegalStateException.class, () -> select(selector, model, 2))
                .getMessage();
    }

    @Test
    void select_answersThatAreAllEmpty_areRefused() {
        FakeModelOps silent =
                model(new double[][] {{1, 0}, {0, 1}})
                        .andAnswers(
                                (prompts, options) ->
                                        prompts.stream().map(p -> new int[] {0}).toList());
        assertEquals(
                "all 6 answers of the model are empty; check the stop tokens and the tokenizer, or"
                        + " train it longer first",
                failure(closedForm(), silent));
        Selector lenient = closedForm().optCompatibility(Compatibility.DATAFLEX).build();
        assertEquals(List.of(0L, 1L), select(lenient, silent, 2).indices().asList());
    }

    @Test
    void select_rewardsThatSayNothing_areRefused() {
        FakeModelOps model = model(new double[][] {{1, 0}, {0, 1}});
        String end =
                ", so no candidate is better than another; ask easier prompts or more mcSamples, or"
                        + " train longer first";
        NiceSelectorBuilder zero = builder(a -> 0).addSubtask("exam", List.of(prompt("1")));
        assertEquals(
                "no answer to any of 1 prompts counts, since reward custom is 0" + end,
                failure(zero, model));
        NiceSelectorBuilder same =
                builder(a -> 1).optBaseline(true).addSubtask("exam", List.of(prompt("1")));
        assertEquals(
                "no answer to any of 1 prompts counts, since reward custom is the same for all"
                        + " answers to a prompt"
                        + end,
                failure(same, model));
        NiceSelectorBuilder low =
                builder(a -> 1).optRejectBelow(2).addSubtask("exam", List.of(prompt("1")));
        assertEquals(
                "no answer to any of 1 prompts counts, since reward custom is 0 or below"
                        + " rejectBelow"
                        + end,
                failure(low, model));
    }

    @Test
    void select_badAnswersOfOthers_areRefused() {
        FakeModelOps model = model(new double[][] {{1, 0}, {0, 1}});
        assertEquals(
                "reward custom of answer '7' to prompt '1' is NaN, must be finite",
                failure(builder(a -> Double.NaN).addSubtask("exam", List.of(prompt("1"))), model));
        Reward few =
                new Reward() {
                    @Override
                    public double of(Answer answer) {
                        return 1;
                    }

                    @Override
                    public double[] ofAll(List<Answer> answers) {
                        return new double[] {1};
                    }
                };
        assertEquals(
                "reward custom rated 1 of 2 answers",
                failure(builder(few).addSubtask("exam", List.of(prompt("1"))), model));
        assertEquals(
                "the gradient of none of 2 candidates is finite; find out why the model's losses"
                        + " are NaN or infinite",
                failure(closedForm(), model(new double[][] {{Double.NaN}, {Double.NaN}})));
        FakeModelOps mute = FakeModelOps.withGradients(null, (set, i) -> new double[] {1});
        assertThrows(UnsupportedModelException.class, () -> select(create(), mute, 2));
    }

    @Test
    void select_gradientThatIsNotFinite_namesThePrompt() {
        FakeModelOps diverged =
                FakeModelOps.withGradients(null, (set, i) -> finite(((TokenSequences) set).ids(i)))
                        .andAnswers(NiceSelectorTest::answers);
        TrainingDivergedException e =
                assertThrows(
                        TrainingDivergedException.class,
                        () -> select(closedForm().build(), diverged, 2));
        assertEquals(
                "the gradient of the answers to prompt '2' is not finite; find out why their loss"
                        + " is NaN or infinite, or leave the prompt out",
                e.getMessage());
        assertEquals("its norm is NaN", e.getCause().getMessage());
    }

    /** Refuses answers to 2, as a model does whose gradient is not finite. */
    private static double[] finite(int[] ids) {
        if (ids[0] == 2) {
            throw new TrainingDivergedException("its norm is NaN");
        }
        return new double[] {1, 0};
    }

    private static void assertRefused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    @Test
    void build_badSettings_areRefused() {
        List<Prompt> prompts = List.of(prompt("1"));
        assertRefused(
                "prompt 'x' has no tokens, must have at least one",
                () -> new Prompt("x", new int[0], null));
        assertRefused(
                "subtask 'exam' has no prompts, must have at least one",
                () -> NiceSelector.builder().addSubtask("exam", List.of()));
        assertRefused(
                "two subtasks are named 'exam'", () -> closedForm().addSubtask("exam", prompts));
        assertRefused("no tokenizer; call setTokenizer", () -> NiceSelector.builder().build());
        assertRefused(
                "no reward; call setReward",
                () -> NiceSelector.builder().setTokenizer(DIGITS).build());
        assertRefused("no prompts; call addSubtask", () -> builder(a -> 1).build());
        assertRefused(
                "mcSamples = 2 answers are all the same at temperature 0; set mcSamples to 1, or a"
                        + " temperature",
                () -> closedForm().optTemperature(0).build());
        assertRefused(
                "mcSamples = 1 leaves no other answers for the baseline, must be at least 2",
                () -> closedForm().optMcSamples(1).optBaseline(true).build());
        assertRefused(
                "temperature = -1.0, must be finite and at least 0",
                () -> closedForm().optTemperature(-1).build());
        assertRefused(
                "topP = 2.0, must be in (0, 1]", () -> closedForm().optLikeliest(0, 2).build());
        assertRefused(
                "rejectBelow = NaN, must be finite", () -> closedForm().optRejectBelow(Double.NaN));
        assertRefused(
                "topAnswers = 0, must be in [1, 2147483647]", () -> closedForm().optTopAnswers(0));
        assertRefused(
                "mcSamples = 0, must be in [1, 2147483647]", () -> closedForm().optMcSamples(0));
        assertRefused(
                "maxNewTokens = 0, must be in [1, 2147483647]",
                () -> closedForm().optMaxNewTokens(0));
        assertRefused(
                "chunkSize = 0, must be in [1, 2147483647]", () -> closedForm().optChunkSize(0));
        NiceSelectorBuilder used = closedForm().optParameters(Pattern.compile("lora"));
        used.build();
        assertEquals(
                "this builder has made its selector; start another",
                assertThrows(IllegalStateException.class, used::build).getMessage());
    }
}
