package org.dataflex.examples;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.RandomUtils;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.dataflex.ReferenceLosses;
import org.dataflex.data.TokenSequences;
import org.dataflex.lm.CausalLm;
import org.dataflex.lm.DecoderConfig;
import org.dataflex.strategy.Mixer;
import org.dataflex.strategy.Selector;
import org.dataflex.strategy.Strategies;
import org.dataflex.strategy.Strategy;
import org.dataflex.strategy.TokenWeighter;
import org.dataflex.strategy.Weighter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rules of the modules and packages; see docs/architecture.md. */
class ArchitectureTest {

    private static final String[] STRATEGY_MODULES = {
        "org.dataflex.selectors..", "org.dataflex.mixers..", "org.dataflex.weighters.."
    };

    /** Strategies of a function, which no settings describe. */
    private static final Set<String> MADE_IN_JAVA_ONLY =
            Set.of("org.dataflex.selectors.RankingSelector");

    private static Map<String, String> answers() {
        return Map.of(
                "prompts",
                "sums:../dataflex-selectors/src/test/resources/prompts/sums.jsonl",
                "tokenizer",
                "../dataflex-core/src/test/resources/org/dataflex/lm/tiny-tokenizer/tokenizer.json",
                "reward",
                "regex",
                "pattern",
                "5");
    }

    private static final JavaClasses ALL =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .withImportOption(location -> !location.contains("-tests.jar"))
                    .importPackages("org.dataflex");

    private static final DescribedPredicate<JavaClass> LIBRARY =
            DescribedPredicate.describe(
                    "of the library", c -> !c.getPackageName().startsWith("org.dataflex.examples"));

    @Test
    void core_knowsNoStrategyModule() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "org.dataflex.selectors..",
                        "org.dataflex.mixers..",
                        "org.dataflex.weighters..",
                        "org.dataflex.examples..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.dataflex.selectors..",
                        "org.dataflex.mixers..",
                        "org.dataflex.weighters..",
                        "org.dataflex.examples..")
                .check(ALL);
    }

    @Test
    void strategyModules_knowNeitherInternalsNorEachOther() {
        for (String module : STRATEGY_MODULES) {
            noClasses()
                    .that()
                    .resideInAPackage(module)
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            Set.of(
                                            "org.dataflex.internal..",
                                            "org.dataflex.lm..",
                                            "org.dataflex.examples..",
                                            "org.dataflex.selectors..",
                                            "org.dataflex.mixers..",
                                            "org.dataflex.weighters..")
                                    .stream()
                                    .filter(p -> !p.equals(module))
                                    .toArray(String[]::new))
                    .check(ALL);
        }
    }

    @Test
    void math_isPlainJava() {
        noClasses()
                .that()
                .resideInAPackage("org.dataflex.math..")
                .should()
                .dependOnClassesThat()
                .resideOutsideOfPackages("org.dataflex.math..", "java..")
                .check(ALL);
    }

    @Test
    void onlyTheBridge_knowsDjlsPyTorch() {
        noClasses()
                .that()
                .resideOutsideOfPackage("org.dataflex.torch..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("ai.djl.pytorch..")
                .check(ALL);
    }

    @Test
    void languageModel_isALeaf() {
        noClasses()
                .that()
                .resideOutsideOfPackages("org.dataflex.lm..", "org.dataflex.examples..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.dataflex.lm..")
                .check(ALL);
    }

    @Test
    void internals_areUsedByTheEntryOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackages("org.dataflex", "org.dataflex.internal..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.dataflex.internal..")
                .check(ALL);
    }

    @Test
    void packages_haveNoCycles() {
        slices().matching("org.dataflex.(*)..").should().beFreeOfCycles().check(ALL);
    }

    @Test
    void library_printsNothing() {
        noClasses()
                .that(LIBRARY)
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .check(ALL);
    }

    @Test
    void nothing_drawsFromGlobalRandomness() {
        noClasses()
                .should()
                .callMethod(Math.class, "random")
                .orShould()
                .callConstructor(Random.class)
                .orShould()
                .dependOnClassesThat()
                .belongToAnyOf(ThreadLocalRandom.class, RandomUtils.class)
                .check(ALL);
    }

    @Test
    void names_areNotEmptyWords() {
        noClasses()
                .should()
                .haveSimpleNameEndingWith("Utils")
                .orShould()
                .haveSimpleNameEndingWith("Manager")
                .orShould()
                .haveSimpleNameEndingWith("Helper")
                .check(ALL);
    }

    @Test
    void strategies_arePublicFinalAndMadeByAProvider(@TempDir Path directory) throws IOException {
        Path targets = directory.resolve("exam.tokens");
        TokenSequences.builder().add(new int[] {1, 2}).build().save(targets);
        Files.copy(targets, directory.resolve("losses.tokens"));
        Files.writeString(directory.resolve("reference.json"), "{\"version\": 1}");
        classes()
                .that()
                .resideInAnyPackage(STRATEGY_MODULES)
                .and()
                .implement(Strategy.class)
                .should()
                .bePublic()
                .andShould()
                .haveModifier(JavaModifier.FINAL)
                .check(ALL);
        Set<String> made = new TreeSet<>(MADE_IN_JAVA_ONLY);
        for (Class<? extends Strategy> kind :
                List.of(Selector.class, Mixer.class, Weighter.class, TokenWeighter.class)) {
            for (String name : Strategies.names(kind)) {
                Strategy strategy = Strategies.create(kind, name, needed(name, targets));
                if (!strategy.getClass().isHidden()) { // a lambda of core's own tests
                    made.add(strategy.getClass().getName());
                }
            }
        }
        Set<String> strategies = new TreeSet<>();
        ALL.that(DescribedPredicate.describe("strategies", ArchitectureTest::isStrategy))
                .forEach(c -> strategies.add(c.getName()));
        assertEquals(strategies, made);
    }

    /** The settings that a strategy cannot be made without. */
    private static Map<String, String> needed(String name, Path targets) {
        return switch (name) {
            case "less", "cluster-less", "adapt", "joint-update-aware" ->
                    Map.of("targets", "exam:" + targets);
            case "greats" -> Map.of("targets", "exam:" + targets, "learningRate", "0.001");
            case "excess-loss" -> Map.of("reference", referenceLosses(targets));
            case "nice" -> answers();
            case "near", "tsds" ->
                    Map.of("candidateEmbeddings", "pool", "targetEmbeddings", "targets");
            case "doremi" -> Map.of("reference", targets.getParent().toString());
            case "schedule" -> Map.of("stages", "0: natural");
            default -> Map.of();
        };
    }

    /** A store of token losses, of a model that knows little. */
    private static String referenceLosses(Path targets) {
        Path cache = targets.resolveSibling("reference");
        try (Model model = Model.newInstance("reference");
                TokenSequences samples = TokenSequences.open(targets)) {
            CausalLm decoder = new CausalLm(DecoderConfig.small(3), 1);
            decoder.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 1));
            model.setBlock(decoder);
            ReferenceLosses.compute(model, samples, cache, null).close();
            try (Stream<Path> stores = Files.list(cache)) {
                return stores.findFirst().orElseThrow().toString();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isStrategy(JavaClass type) {
        return type.isAssignableTo(Strategy.class)
                && !type.isInterface()
                && LIBRARY.test(type)
                && !type.getPackageName().startsWith("org.dataflex.strategy");
    }

    @Test
    void strategies_haveAMethodCard() {
        for (JavaClass strategy :
                ALL.that(DescribedPredicate.describe("strategies", ArchitectureTest::isStrategy))) {
            Path cards = Path.of("..", "docs", "methods");
            assertTrue(
                    contains(cards, strategy.getSimpleName()),
                    () -> "no card in docs/methods names " + strategy.getSimpleName());
        }
    }

    private static boolean contains(Path cards, String name) {
        try (Stream<Path> files = Files.list(cards)) {
            for (Path file : files.toList()) {
                if (Files.readString(file).contains(name)) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
