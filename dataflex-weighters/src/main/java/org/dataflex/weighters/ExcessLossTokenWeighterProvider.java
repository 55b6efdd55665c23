package org.dataflex.weighters;

import java.io.IOException;
import java.nio.file.Path;
import org.dataflex.ReferenceLosses;
import org.dataflex.strategy.Settings;
import org.dataflex.strategy.StrategyProvider;
import org.dataflex.strategy.TokenWeighter;

/**
 * Makes an {@link ExcessLossTokenWeighter} by the name {@code excess-loss}.
 *
 * <p>Settings: {@code reference} (required; a directory that {@code ReferenceLosses.compute} made),
 * {@code share}.
 */
public final class ExcessLossTokenWeighterProvider implements StrategyProvider<TokenWeighter> {

    /** Made by {@link java.util.ServiceLoader}. */
    public ExcessLossTokenWeighterProvider() {}

    @Override
    public Class<TokenWeighter> kind() {
        return TokenWeighter.class;
    }

    @Override
    public String name() {
        return ExcessLossTokenWeighter.NAME;
    }

    /** Maps the losses, which stay open as long as the process lives. */
    @Override
    public TokenWeighter create(Settings settings) {
        String directory = settings.text("reference", null);
        double share = settings.decimal("share", ExcessLossTokenWeighter.SHARE);
        if (directory == null) {
            throw new IllegalArgumentException(
                    "reference = null, must be a directory that ReferenceLosses.compute made");
        }
        try {
            return new ExcessLossTokenWeighter(ReferenceLosses.open(Path.of(directory)), share);
        } catch (IOException e) {
            throw new IllegalArgumentException("reference: " + e.getMessage(), e);
        }
    }
}
