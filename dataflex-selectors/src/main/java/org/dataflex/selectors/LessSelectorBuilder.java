package org.dataflex.selectors;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.dataflex.data.SampleSet;
import org.dataflex.model.Preconditioner;
import org.dataflex.model.Projection;
import org.dataflex.selectors.LessSelector.Preconditioning;

/** Collects the settings of a {@link LessSelector}; it makes one selector only. */
public final class LessSelectorBuilder {

    final Map<String, SampleSet> subtasks = new LinkedHashMap<>();
    final Map<Path, Double> checkpoints = new LinkedHashMap<>();
    Preconditioning preconditioner = LessSelector.PRECONDITIONER;
    boolean biasCorrection = LessSelector.BIAS_CORRECTION;
    Compatibility compatibility = LessSelector.COMPATIBILITY;
    Pattern parameters = Pattern.compile(LessSelector.PARAMETERS);
    int chunkSize = LessSelector.CHUNK_SIZE;

    /** Where passes leave their files, or null. */
    Path directory;

    /** Null for exact cosines. */
    Projection projection;

    private boolean built;

    LessSelectorBuilder() {}

    /**
     * Adds target samples; what is similar to those of any one subtask is chosen.
     *
     * @param name the subtask's name, not yet taken
     * @param samples at least one; not those that a validation set measures by
     * @return this
     * @throws IllegalArgumentException if the name is taken
     */
    public LessSelectorBuilder addSubtask(String name, SampleSet samples) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(samples, "samples");
        if (subtasks.putIfAbsent(name, samples) != null) {
            throw new IllegalArgumentException("two subtasks are named '" + name + "'");
        }
        return this;
    }

    /**
     * Asks the model as of a checkpoint, weighted by its learning rate among all that are added,
     * and no longer the model as it stands.
     *
     * @param directory a checkpoint's directory, of an earlier run or part of this run; checkpoints
     *     that the run still saves may be pruned, so copy them or raise {@code optCheckpointsKept}
     * @param learningRate the mean rate of the epoch or stretch that it ends, finite, above 0
     * @return this
     * @throws IllegalArgumentException if the rate is out of range, or the directory is there twice
     */
    public LessSelectorBuilder addCheckpoint(Path directory, double learningRate) {
        if (!(learningRate > 0 && learningRate <= Double.MAX_VALUE)) {
            throw new IllegalArgumentException(
                    "learningRate = "
                            + learningRate
                            + " of checkpoint "
                            + directory
                            + ", must be finite and above 0");
        }
        Path absolute = directory.toAbsolutePath().normalize();
        if (checkpoints.putIfAbsent(absolute, learningRate) != null) {
            throw new IllegalArgumentException("checkpoint " + directory + " is there twice");
        }
        return this;
    }

    /**
     * Sets what becomes of a candidate's gradient first.
     *
     * @param preconditioner by default {@link LessSelector#PRECONDITIONER}, which needs Adam or
     *     AdamW as the optimizer
     * @return this
     */
    public LessSelectorBuilder optPreconditioner(Preconditioning preconditioner) {
        this.preconditioner = Objects.requireNonNull(preconditioner, "preconditioner");
        return this;
    }

    /**
     * Sets whether Adam's moments are corrected for their start at 0.
     *
     * @param biasCorrection by default {@link LessSelector#BIAS_CORRECTION}
     * @return this
     */
    public LessSelectorBuilder optBiasCorrection(boolean biasCorrection) {
        this.biasCorrection = biasCorrection;
        return this;
    }

    /**
     * Sets whose quirks to keep.
     *
     * @param compatibility by default {@link LessSelector#COMPATIBILITY}
     * @return this
     */
    public LessSelectorBuilder optCompatibility(Compatibility compatibility) {
        this.compatibility = Objects.requireNonNull(compatibility, "compatibility");
        return this;
    }

    /**
     * Sets which trainable parameters gradients are taken over.
     *
     * @param names found in the names that {@code Block.getParameters} gives them, such as {@code
     *     lora}; by default all are
     * @return this
     */
    public LessSelectorBuilder optParameters(Pattern names) {
        this.parameters = Objects.requireNonNull(names, "names");
        return this;
    }

    /**
     * Sets how many candidates are scored at a time.
     *
     * @param candidates at least 1, by default {@link LessSelector#CHUNK_SIZE}
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public LessSelectorBuilder optChunkSize(long candidates) {
        this.chunkSize = SettingRange.atLeast1("chunkSize", candidates);
        return this;
    }

    /**
     * Keeps the cosines of each chunk in a file, so that a killed pass goes on from its last chunk.
     *
     * <p>A file belongs to the candidates, the targets and the settings; whether the model is the
     * same, its first chunk tells, which every pass computes. Files are of 4 S bytes a candidate
     * and never deleted; with a candidate limit each update leaves one.
     *
     * @param directory made if it does not exist; one for each run at a time
     * @return this
     */
    public LessSelectorBuilder optScoreDirectory(Path directory) {
        requireNoDirectory();
        this.directory = Objects.requireNonNull(directory, "directory");
        return this;
    }

    /**
     * Compares projected gradients in place of whole ones, and keeps the candidates' in files.
     *
     * <p>A file belongs to the candidates, the projection and the preconditioner, and not to the
     * targets: other targets cost their own gradients only. It is used again as long as the model
     * is the same, which its first chunk tells: of a checkpoint always. Rows are of length 1, in
     * float16: 2 k bytes a candidate. Files are never deleted.
     *
     * @param directory made if it does not exist; one for each run at a time
     * @param projection to k values
     * @return this
     */
    public LessSelectorBuilder optStore(Path directory, Projection projection) {
        requireNoDirectory();
        this.directory = Objects.requireNonNull(directory, "directory");
        this.projection = Objects.requireNonNull(projection, "projection");
        return this;
    }

    private void requireNoDirectory() {
        if (directory != null) {
            throw new IllegalArgumentException(
                    "files go to "
                            + directory
                            + " already; a store keeps what a score directory would: call either"
                            + " optStore or optScoreDirectory, once");
        }
    }

    Preconditioner gradientPreconditioner() {
        if (preconditioner == Preconditioning.NONE) {
            return new Preconditioner.None();
        }
        Preconditioner.Adam adam =
                compatibility == Compatibility.DATAFLEX
                        ? Preconditioner.Adam.dataFlex()
                        : Preconditioner.Adam.less();
        return biasCorrection ? adam.withBiasCorrection() : adam;
    }

    /**
     * Makes the selector.
     *
     * @return a new selector
     * @throws IllegalArgumentException if a bias is to be corrected without Adam
     * @throws IllegalStateException if there is no subtask, or a selector has been made already
     */
    public LessSelector build() {
        if (subtasks.isEmpty()) {
            throw new IllegalStateException("no target samples; call addSubtask");
        }
        if (built) {
            throw new IllegalStateException(
                    "this builder has made its selector; start another with"
                            + " LessSelector.builder()");
        }
        if (biasCorrection && preconditioner == Preconditioning.NONE) {
            throw new IllegalArgumentException(
                    "biasCorrection = true, but with preconditioner = none there is no Adam to"
                            + " correct; leave it out, or set preconditioner = adam");
        }
        built = true;
        return new LessSelector(this);
    }
}
