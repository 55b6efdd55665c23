package org.dataflex.data.store;

import ai.djl.util.Progress;

/** Shows nothing. */
final class NoProgress implements Progress {

    @Override
    public void reset(String message, long max, String trailingMessage) {
        // nothing is shown
    }

    @Override
    public void start(long initialProgress) {
        // nothing is shown
    }

    @Override
    public void end() {
        // nothing is shown
    }

    @Override
    public void increment(long increment) {
        // nothing is shown
    }

    @Override
    public void update(long progress, String message) {
        // nothing is shown
    }
}
