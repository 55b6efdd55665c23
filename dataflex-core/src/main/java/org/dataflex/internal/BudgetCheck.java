package org.dataflex.internal;

import java.util.ArrayList;
import java.util.List;
import org.dataflex.UpdateSchedule;

/** Finds selections of more samples than there are, or of fewer than they are to last for. */
final class BudgetCheck {

    private final RunSettings settings;
    private final List<String> problems = new ArrayList<>();

    private BudgetCheck(RunSettings settings) {
        this.settings = settings;
    }

    /** Says what is wrong with the selection budget and the candidate limit. */
    static List<String> problems(RunSettings settings) {
        BudgetCheck check = new BudgetCheck(settings);
        if (settings.selector != null && settings.pool != null && check.hasRows()) {
            check.sizes();
            check.lastSelection();
        }
        return check.problems;
    }

    /** Whether the rows of a step can be counted; else that is the problem. */
    private boolean hasRows() {
        return settings.batchSize > 0
                && settings.accumulation > 0
                && (long) settings.batchSize * settings.accumulation <= Integer.MAX_VALUE;
    }

    private void sizes() {
        long budget = settings.selectionBudget();
        boolean streams = settings.stream != null;
        long most = streams ? settings.stream.windowSize() : settings.pool.size();
        if (budget > most) {
            problems.add(
                    "the selection budget of %d samples exceeds the %s's %d; call optSelectionBudget with less, or shorten the selector's interval (the default budget is interval x batch size x accumulation)"
                            .formatted(budget, streams ? "window" : "pool", most));
        }
        if (settings.candidateLimit > 0 && settings.candidateLimit < budget) {
            problems.add(
                    "candidateLimit = %d is less than the selection budget of %d; raise one or lower the other"
                            .formatted(settings.candidateLimit, budget));
        }
    }

    /** The default budget is the rows until the next update, and there is none after the last. */
    private void lastSelection() {
        UpdateSchedule schedule = settings.selector.schedule();
        long interval = schedule.interval();
        if (settings.selectionBudget == 0 && schedule.isOver(settings.steps - interval)) {
            problems.add(
                    "the selector's last update, its number %d, is for more steps than the %d that the default selection budget has rows for; call optSelectionBudget"
                            .formatted(schedule.updates(), interval));
        }
    }
}
