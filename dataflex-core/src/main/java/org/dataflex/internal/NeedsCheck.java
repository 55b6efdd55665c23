package org.dataflex.internal;

import ai.djl.nn.Block;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.dataflex.loss.CausalLmLoss;
import org.dataflex.model.GenerativeBlock;
import org.dataflex.model.HiddenStates;
import org.dataflex.model.LinearHead;
import org.dataflex.model.RoutedBlock;
import org.dataflex.strategy.Need;
import org.dataflex.strategy.Strategy;
import org.dataflex.strategy.TokenWeighter;

/** Finds questions of the strategies that the run's model, loss or optimizer could not answer. */
final class NeedsCheck {

    private final Block block;
    private final Loss loss;
    private final Optimizer optimizer;

    private NeedsCheck(RunSettings settings) {
        this.block = settings.model.getBlock();
        this.loss = settings.config.getLossFunction();
        this.optimizer = settings.config.getOptimizer();
    }

    /** Says which needs are not met; asked of settings that have a block and a loss per sample. */
    static List<String> problems(RunSettings settings) {
        NeedsCheck check = new NeedsCheck(settings);
        List<String> problems = new ArrayList<>();
        settings.ownStrategies()
                .forEach(
                        (owner, strategy) -> {
                            for (Need need : needs(strategy)) {
                                check.unmet(need).ifPresent(p -> problems.add(owner + ": " + p));
                            }
                        });
        return problems;
    }

    private static Set<Need> needs(Strategy strategy) {
        Set<Need> needs = EnumSet.noneOf(Need.class);
        needs.addAll(strategy.needs());
        if (strategy instanceof TokenWeighter) {
            needs.add(Need.TOKEN_LOSSES); // its answer is in their form
        }
        return needs;
    }

    private Optional<String> unmet(Need need) {
        return switch (need) {
            case TOKEN_LOSSES ->
                    unless(loss instanceof CausalLmLoss, ShownBatch.noTokenForm(loss.getName()));
            case BATCH_EMBEDDINGS ->
                    unless(block instanceof LinearHead, ShownBatch.noStates(block));
            case EXPERT_LOADS ->
                    unless(
                            block instanceof RoutedBlock routed && routed.hasExperts(),
                            DjlModelOps.noExperts(block));
            case HIDDEN_STATES ->
                    unless(block instanceof HiddenStates, DjlModelOps.noHiddenStates(block));
            case MOMENTS ->
                    unless(
                            AdamTransform.keepsMoments(optimizer),
                            AdamTransform.noMoments(optimizer));
            case GENERATION ->
                    unless(block instanceof GenerativeBlock, DjlModelOps.noGeneration(block));
        };
    }

    private static Optional<String> unless(boolean met, String problem) {
        return met ? Optional.empty() : Optional.of(problem);
    }
}
