package org.dataflex.strategy;

import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;

/** Makes strategies by name, from the providers on the class path. */
public final class Strategies {

    private Strategies() {}

    /**
     * Makes the strategy of a name.
     *
     * @param <S> the kind
     * @param kind such as {@code Selector.class}
     * @param name such as {@code loss}
     * @param settings setting names and values
     * @return a new strategy
     * @throws IllegalArgumentException if the name is unknown (listing the known ones), or a
     *     setting is unknown or malformed
     * @throws IllegalStateException if two providers have the same name
     */
    public static <S extends Strategy> S create(
            Class<S> kind, String name, Map<String, String> settings) {
        Map<String, StrategyProvider<?>> providers = providers(kind);
        StrategyProvider<?> provider = providers.get(name);
        if (provider == null) {
            throw unknown(kind, name, providers.keySet());
        }
        String owner = label(kind) + " '" + name + "'";
        Settings read = new Settings(owner, settings);
        S strategy = kind.cast(create(provider, read, owner));
        read.requireAllRead();
        return strategy;
    }

    /** A strategy's own messages do not say whose setting they refuse. */
    private static Strategy create(StrategyProvider<?> provider, Settings read, String owner) {
        try {
            return provider.create(read);
        } catch (IllegalArgumentException e) {
            if (e.getMessage() != null && e.getMessage().startsWith(owner)) {
                throw e;
            }
            throw new IllegalArgumentException(owner + ": " + e.getMessage(), e);
        }
    }

    /**
     * Lists the names that can be made.
     *
     * @param kind such as {@code Selector.class}
     * @return the names on the class path, sorted
     */
    public static Set<String> names(Class<? extends Strategy> kind) {
        return providers(kind).keySet();
    }

    private static Map<String, StrategyProvider<?>> providers(Class<? extends Strategy> kind) {
        Map<String, StrategyProvider<?>> known = new TreeMap<>();
        for (StrategyProvider<?> provider : ServiceLoader.load(StrategyProvider.class)) {
            if (provider.kind() == kind && known.put(provider.name(), provider) != null) {
                throw new IllegalStateException(
                        "two " + label(kind) + " providers are named '" + provider.name() + "'");
            }
        }
        return known;
    }

    private static IllegalArgumentException unknown(
            Class<? extends Strategy> kind, String name, Set<String> known) {
        String hint = Settings.closest(name, known);
        return new IllegalArgumentException(
                "no "
                        + label(kind)
                        + " named '"
                        + name
                        + "'"
                        + (hint == null ? "; the" : "; did you mean '" + hint + "'? The")
                        + " class path has "
                        + known
                        + ". Is dataflex-"
                        + label(kind).replaceAll(".* ", "")
                        + "s a dependency?");
    }

    /** Such as "token weighter". */
    private static String label(Class<? extends Strategy> kind) {
        return kind.getSimpleName().replaceAll("\\B[A-Z]", " $0").toLowerCase(Locale.ROOT);
    }
}
