package org.dataflex.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.dataflex.event.TrainingEvent;

/** Hands each event to those who listen to its kind, in the order in which they came. */
public final class EventPublisher {

    private final List<Consumer<TrainingEvent>> listeners = new ArrayList<>();

    /**
     * Adds a listener.
     *
     * @param <E> the kind of event
     * @param kind its class; {@code TrainingEvent.class} for all
     * @param listener called on the training thread
     */
    public <E extends TrainingEvent> void subscribe(Class<E> kind, Consumer<? super E> listener) {
        listeners.add(
                event -> {
                    if (kind.isInstance(event)) {
                        listener.accept(kind.cast(event));
                    }
                });
    }

    void publish(TrainingEvent event) {
        listeners.forEach(listener -> listener.accept(event));
    }
}
