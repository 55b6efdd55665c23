package org.dataflex.internal;

import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.Batch;
import ai.djl.translate.TranslateException;
import ai.djl.util.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.SampleSet;
import org.dataflex.data.Samples;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.torch.GraphRecording;

/** Computes the token losses of all samples with a model that is not in training. */
public final class ReferencePass {

    /** Samples a forward pass, were they all of the longest length. */
    private static final int BATCH_SIZE = 8;

    /** Samples between two reports of progress. */
    private static final int CHUNK_SIZE = 256;

    /** How far the mean loss may be above that of guessing, in nats. */
    private static final double TOLERATED = 1;

    private final Model model;
    private final SampleSet samples;
    private double sum;
    private long tokens;

    /**
     * Names what is to be computed.
     *
     * @param model an initialized causal language model
     * @param samples the samples
     */
    public ReferencePass(Model model, SampleSet samples) {
        this.model = model;
        this.samples = samples;
    }

    /** Takes the losses of one sample after the other. */
    @FunctionalInterface
    public interface Sink {

        /**
         * Takes the losses of the next sample.
         *
         * @param losses of its target tokens
         * @throws IOException if they cannot be kept
         */
        void accept(float[] losses) throws IOException;
    }

    /**
     * Returns the samples.
     *
     * @return the samples
     */
    public SampleSet samples() {
        return samples;
    }

    /**
     * Computes.
     *
     * @param sink takes the losses
     * @param progress is shown how many samples are done, or null
     * @throws IllegalArgumentException if the model does not fit the samples
     * @throws IOException if a sample cannot be read, or the sink throws it
     */
    public void run(Sink sink, Progress progress) throws IOException {
        if (progress != null) {
            progress.reset("reference losses", samples.size());
        }
        long vocabulary = vocabulary();
        SampleSet known = new KnownTokens(samples, vocabulary);
        for (long from = 0; from < samples.size(); from += CHUNK_SIZE) {
            long to = Math.min(samples.size(), from + CHUNK_SIZE);
            for (float[] losses : losses(new Samples(known, SampleIndices.range(from, to)))) {
                add(losses);
                sink.accept(losses);
            }
            requireBetterThanGuessing(vocabulary);
            if (progress != null) {
                progress.update(to - 1);
            }
        }
        if (progress != null) {
            progress.end();
        }
    }

    private float[][] losses(Samples some) throws IOException {
        try (NDManager scope = model.getNDManager().newSubManager()) {
            return new DjlModelOps(model, new CausalLmLoss(), scope, BATCH_SIZE).tokenLosses(some);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** The number of logits; asked with a token that every model knows. */
    private long vocabulary() throws IOException {
        try (NDManager scope = model.getNDManager().newSubManager();
                Batch first = samples.batch(scope, SampleIndices.of(0))) {
            NDList inputs = new NDList(first.getData());
            inputs.set(0, inputs.head().zerosLike());
            ParameterStore parameters = new ParameterStore(scope, false);
            Block block = model.getBlock();
            Shape logits =
                    GraphRecording.without(() -> block.forward(parameters, inputs, false))
                            .head()
                            .getShape();
            if (logits.dimension() != 3) {
                throw new IllegalArgumentException(
                        "the reference model gives outputs of shape "
                                + logits
                                + "; a causal language model gives [B, T, V]");
            }
            return logits.get(2);
        } catch (TranslateException e) {
            throw new IOException(e);
        }
    }

    private void add(float[] losses) {
        for (float loss : losses) {
            if (!Float.isFinite(loss)) {
                throw new IllegalArgumentException(
                        "the reference model's loss of a token is " + loss + "; is it sound?");
            }
            sum += loss;
        }
        tokens += losses.length;
    }

    private void requireBetterThanGuessing(long vocabulary) {
        double guessing = Math.log(vocabulary);
        if (meanLoss() > guessing + TOLERATED) {
            throw new IllegalArgumentException(
                    ("the reference model's mean loss is %.2f nats a token, and that of guessing"
                                    + " among its %d tokens %.2f: is it trained, and are the"
                                    + " samples of its tokenizer?")
                            .formatted(meanLoss(), vocabulary, guessing));
        }
    }

    /**
     * Returns the mean over all target tokens so far.
     *
     * @return nats a token; 0 if there are none
     */
    public double meanLoss() {
        return sum / Math.max(1, tokens);
    }

    /** Samples that are refused where a model does not know their tokens. */
    private record KnownTokens(SampleSet samples, long vocabulary) implements SampleSet {

        @Override
        public long size() {
            return samples.size();
        }

        @Override
        public int length(long index) {
            return samples.length(index);
        }

        @Override
        public Batch batch(NDManager manager, SampleIndices indices)
                throws IOException, TranslateException {
            Batch batch = samples.batch(manager, indices);
            long largest = batch.getData().head().max().getLong();
            if (largest >= vocabulary) {
                batch.close();
                throw new IllegalArgumentException(
                        ("the samples have the token %d, and the reference model knows %d tokens:"
                                        + " give one of the samples' tokenizer")
                                .formatted(largest, vocabulary));
            }
            return batch;
        }

        @Override
        public String fingerprint() {
            return samples.fingerprint();
        }
    }
}
