package org.dataflex.selectors;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.dataflex.data.SampleSet;
import org.dataflex.data.Samples;
import org.dataflex.model.Direction;
import org.dataflex.model.ModelOps;
import org.dataflex.model.Normalisation;

/**
 * Mean cosines of whole gradients: mean_j cos(G_i, u_j) = (G_i / |G_i|) . (mean_j u_j / |u_j|), so
 * one direction a target set is all that is kept.
 */
final class ExactCosines implements TargetCosines {

    private final GradientComparison comparison;
    private final Path directory;

    /**
     * Compares.
     *
     * @param comparison what with what
     * @param directory where a killed pass leaves what it has computed, or null
     */
    ExactCosines(GradientComparison comparison, Path directory) {
        this.comparison = comparison;
        this.directory = directory;
    }

    @Override
    public float[][] of(ModelOps model, String at, Samples candidates) {
        List<Direction> directions = new ArrayList<>();
        for (SampleSet targets : comparison.targets().values()) {
            directions.add(
                    model.meanGradient(
                            Samples.all(targets), comparison.names(), Normalisation.UNIT));
        }
        CosinePass pass = new CosinePass(comparison, model, directions);
        return directory == null
                ? pass.over(candidates)
                : pass.over(candidates, directory, LessSelector.NAME, key(at, candidates));
    }

    private String key(String at, Samples candidates) {
        StringBuilder targets = new StringBuilder("exact");
        for (Map.Entry<String, SampleSet> set : comparison.targets().entrySet()) {
            targets.append('\n').append(set.getKey()).append('\n');
            targets.append(set.getValue().fingerprint());
        }
        return comparison.key(at, candidates, targets.toString());
    }
}
