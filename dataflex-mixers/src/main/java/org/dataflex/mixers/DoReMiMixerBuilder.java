package org.dataflex.mixers;

import java.util.Objects;
import org.dataflex.ReferenceLosses;
import org.dataflex.mixers.DoReMiMixer.Variant;

/** Collects the settings of a {@link DoReMiMixer}. */
public final class DoReMiMixerBuilder {

    ReferenceLosses reference;
    Variant variant = DoReMiMixer.VARIANT;
    Double stepSize;
    Double smoothing;
    StaticMixer sampling = StaticMixer.uniform();

    DoReMiMixerBuilder() {}

    /**
     * Sets the reference's token losses.
     *
     * @param reference of the run's pool; stays the caller's to close, after the run
     * @return this
     */
    public DoReMiMixerBuilder setReference(ReferenceLosses reference) {
        this.reference = Objects.requireNonNull(reference, "reference");
        return this;
    }

    /**
     * Sets whose formula to follow.
     *
     * @param variant by default {@link DoReMiMixer#VARIANT}
     * @return this
     */
    public DoReMiMixerBuilder optVariant(Variant variant) {
        this.variant = Objects.requireNonNull(variant, "variant");
        return this;
    }

    /**
     * Sets eta.
     *
     * @param stepSize finite, above 0, by default {@link DoReMiMixer#STEP_SIZE} or {@link
     *     DoReMiMixer#DATAFLEX_STEP_SIZE}
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public DoReMiMixerBuilder optStepSize(double stepSize) {
        if (!(stepSize > 0 && stepSize <= Double.MAX_VALUE)) {
            throw new IllegalArgumentException(
                    "stepSize = " + stepSize + ", must be finite and above 0");
        }
        this.stepSize = stepSize;
        return this;
    }

    /**
     * Sets c.
     *
     * @param smoothing above 0, so that no domain is lost for good, and at most 1; by default
     *     {@link DoReMiMixer#SMOOTHING} or {@link DoReMiMixer#DATAFLEX_SMOOTHING}
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public DoReMiMixerBuilder optSmoothing(double smoothing) {
        if (!(smoothing > 0 && smoothing <= 1)) {
            throw new IllegalArgumentException(
                    "smoothing = " + smoothing + ", must be above 0 and at most 1");
        }
        this.smoothing = smoothing;
        return this;
    }

    /**
     * Sets the proportions that the proxy's batches are drawn in.
     *
     * @param sampling more than 0 for every domain, by default uniform
     * @return this
     */
    public DoReMiMixerBuilder optSampling(StaticMixer sampling) {
        this.sampling = Objects.requireNonNull(sampling, "sampling");
        return this;
    }

    /**
     * Makes the mixer.
     *
     * @return a new mixer
     * @throws IllegalArgumentException if there is no reference
     */
    public DoReMiMixer build() {
        if (reference == null) {
            throw new IllegalArgumentException(
                    "no reference; compute ReferenceLosses of the pool and call setReference");
        }
        return new DoReMiMixer(this);
    }
}
