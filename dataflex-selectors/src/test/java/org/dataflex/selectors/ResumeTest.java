package org.dataflex.selectors;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.dataflex.model.Preconditioner;
import org.dataflex.strategy.Selector;
import org.dataflex.testing.NoLeaks;
import org.dataflex.testing.PointSamples;
import org.dataflex.testing.ResumeContract;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeaks.class)
class ResumeTest implements ResumeContract {

    private static Path candidates;
    private static Path targets;

    @BeforeAll
    static void writeEmbeddings(@TempDir Path directory) {
        candidates = directory.resolve("candidates.safetensors");
        targets = directory.resolve("targets.safetensors");
        EmbeddingFiles.write(candidates, EmbeddingFiles.random(80, 6, 1));
        EmbeddingFiles.write(targets, EmbeddingFiles.random(3, 6, 2));
    }

    @Override
    public List<String> strategies() {
        String files = "candidateEmbeddings=" + candidates + ",targetEmbeddings=" + targets;
        return List.of(
                "selector:random:",
                "selector:loss:focus=medium",
                "selector:delta-loss:windowSize=0.3",
                "selector:near:" + files,
                "selector:tsds:replacement=false,neighbours=40," + files,
                "made:" + Less.class.getName(),
                "made:" + ClusterLess.class.getName(),
                "made:" + Greats.class.getName(),
                "made:" + Ranking.class.getName(),
                "texts made:" + Nice.class.getName());
    }

    /** Its clusters are of the first update, whose model later ones do not know. */
    static final class ClusterLess implements Supplier<Selector> {

        @Override
        public Selector get() {
            return ClusterLessSelector.builder()
                    .addSubtask("a", new PointSamples(7, 11))
                    .optClusterSize(5)
                    .optSamplesPerCluster(2)
                    .build();
        }
    }

    /** One set of points. */
    static final class Greats implements Supplier<Selector> {

        @Override
        public Selector get() {
            return GreatsSelector.builder()
                    .setTargets("a", new PointSamples(7, 11))
                    .setLearningRate(0.01)
                    .build();
        }
    }

    /** By loss and alignment, those of Adam's steps. */
    static final class Ranking implements Supplier<Selector> {

        @Override
        public Selector get() {
            return RankingSelector.by(candidate -> candidate.loss() * candidate.alignment())
                    .describedAs("loss * alignment")
                    .towards(new PointSamples(7, 11), Preconditioner.Adam.less());
        }
    }

    /** Two subtasks of prompts; answers are rewarded for what any model may say. */
    static final class Nice implements Supplier<Selector> {

        @Override
        public Selector get() {
            return NiceSelector.builder()
                    .setTokenizer(Tokenizer.of(text -> new int[] {text.length()}, Arrays::toString))
                    .setReward(answer -> answer.text().length() + answer.text().indexOf('7'))
                    .addSubtask("a", List.of(prompt("."), prompt("..")))
                    .addSubtask("b", List.of(prompt("...")))
                    .optMaxNewTokens(4)
                    .optChunkSize(9)
                    .build();
        }

        private static Prompt prompt(String text) {
            return new Prompt(text, new int[] {text.length()}, null);
        }
    }

    /** Two subtasks of points. */
    static final class Less implements Supplier<Selector> {

        @Override
        public Selector get() {
            return LessSelector.builder()
                    .addSubtask("a", new PointSamples(7, 11))
                    .addSubtask("b", new PointSamples(5, 12))
                    .optChunkSize(30)
                    .build();
        }
    }
}
