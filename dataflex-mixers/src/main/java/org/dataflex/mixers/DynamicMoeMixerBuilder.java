package org.dataflex.mixers;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.dataflex.data.SampleSet;
import org.dataflex.mixers.DynamicMoeMixer.Layers;
import org.dataflex.mixers.DynamicMoeMixer.Start;

/** Collects the settings of a {@link DynamicMoeMixer}. */
public final class DynamicMoeMixerBuilder {

    double stepSize = DynamicMoeMixer.STEP_SIZE;
    double smoothing = DynamicMoeMixer.SMOOTHING;
    long samplesPerDomain = DynamicMoeMixer.SAMPLES_PER_DOMAIN;
    Layers layers = DynamicMoeMixer.LAYERS;
    Start start = DynamicMoeMixer.START;
    final Map<String, SampleSet> heldOut = new LinkedHashMap<>();

    DynamicMoeMixerBuilder() {}

    /**
     * Sets eta, how much a distance raises a share.
     *
     * @param stepSize finite, above 0, by default {@link DynamicMoeMixer#STEP_SIZE}
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public DynamicMoeMixerBuilder optStepSize(double stepSize) {
        boolean valid = stepSize > 0 && stepSize <= Double.MAX_VALUE;
        require(valid, "stepSize", stepSize, "finite and above 0");
        this.stepSize = stepSize;
        return this;
    }

    /**
     * Sets c, the part that is shared out evenly.
     *
     * @param smoothing in [0, 1], by default {@link DynamicMoeMixer#SMOOTHING}
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public DynamicMoeMixerBuilder optSmoothing(double smoothing) {
        require(smoothing >= 0 && smoothing <= 1, "smoothing", smoothing, "in [0, 1]");
        this.smoothing = smoothing;
        return this;
    }

    /**
     * Sets how many samples of a domain are looked at.
     *
     * @param samplesPerDomain at least 1, by default {@link DynamicMoeMixer#SAMPLES_PER_DOMAIN}
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public DynamicMoeMixerBuilder optSamplesPerDomain(long samplesPerDomain) {
        boolean valid = samplesPerDomain >= 1;
        require(valid, "samplesPerDomain", samplesPerDomain, "at least 1");
        this.samplesPerDomain = samplesPerDomain;
        return this;
    }

    /**
     * Sets where the use of experts is compared.
     *
     * @param layers by default {@link DynamicMoeMixer#LAYERS}
     * @return this
     */
    public DynamicMoeMixerBuilder optLayers(Layers layers) {
        this.layers = Objects.requireNonNull(layers, "layers");
        return this;
    }

    /**
     * Sets what w_0 is.
     *
     * @param start by default {@link DynamicMoeMixer#START}
     * @return this
     */
    public DynamicMoeMixerBuilder optStart(Start start) {
        this.start = Objects.requireNonNull(start, "start");
        return this;
    }

    /**
     * Lets a domain's use of experts be counted over a held-out set instead of the pool.
     *
     * @param domain the domain's name
     * @param samples samples like its own; if there are none, its experts count as used evenly
     * @return this
     */
    public DynamicMoeMixerBuilder addHeldOut(String domain, SampleSet samples) {
        heldOut.put(domain, Objects.requireNonNull(samples, "samples"));
        return this;
    }

    /**
     * Makes the mixer.
     *
     * @return a new mixer
     */
    public DynamicMoeMixer build() {
        return new DynamicMoeMixer(this);
    }

    private static void require(boolean valid, String name, Number value, String range) {
        if (!valid) {
            throw new IllegalArgumentException(name + " = " + value + ", must be " + range);
        }
    }
}
