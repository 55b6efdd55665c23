package org.dataflex.examples.report;

import java.util.Arrays;
import java.util.Locale;
import org.dataflex.examples.report.RunEvent.Choice;

/**
 * What an update made of a sample.
 *
 * @param isChosen whether it was chosen
 * @param score its score; NaN if it has none, or none was kept
 * @param rank the score's rank among the candidates, 1 for the highest; 0 if it is not known
 * @param candidates how many there were
 * @param reason why it was chosen or not, in words
 */
public record Verdict(boolean isChosen, double score, long rank, long candidates, String reason) {

    static Verdict of(long sample, Choice choice, SelectionFile file) {
        int index = file.indexOf(sample);
        boolean isChosen = index >= 0 && index < file.count();
        double score = index < 0 ? Double.NaN : file.scores()[index];
        boolean isRanked = file.hasOthers() && !Double.isNaN(score);
        return new Verdict(
                isChosen,
                score,
                isRanked ? Ranks.fromTheTop(file.sortedScores(), score) : 0,
                choice.chosen().candidates(),
                index < 0 ? absence(choice, file) : reason(isChosen, score, file));
    }

    /** Why a sample that the file does not list was not chosen. */
    private static String absence(Choice choice, SelectionFile file) {
        String among = "the %,d candidates".formatted(choice.chosen().candidates());
        if (file.hasOthers()) {
            return "not chosen: it was not among " + among;
        }
        return file.hasScores()
                ? "not chosen; the scores of others than the chosen of %s were not kept"
                        .formatted(among)
                : "not chosen; %s of %s were, without scores"
                        .formatted(String.format(Locale.ROOT, "%,d", file.count()), among);
    }

    private static String reason(boolean isChosen, double score, SelectionFile file) {
        String verdict = isChosen ? "chosen" : "not chosen";
        if (!file.hasScores()) {
            return verdict + ", without a score";
        }
        if (Double.isNaN(score)) {
            return verdict + ": its score was not a number";
        }
        double[] chosen = sorted(file, 0, file.count());
        double[] others = sorted(file, file.count(), file.scores().length);
        double low = chosen[0];
        double high = chosen[chosen.length - 1];
        if (others.length == 0) {
            return verdict + ": scores of the chosen are " + range(low, high);
        }
        if (low >= others[others.length - 1]) {
            return verdict
                    + ": "
                    + side(isChosen, score == low, "above", "below").formatted(number(low));
        }
        if (high <= others[0]) {
            return verdict
                    + ": "
                    + side(isChosen, score == high, "below", "above").formatted(number(high));
        }
        return verdict + ": not by rank alone; scores of the chosen are " + range(low, high);
    }

    /** Where a score lies of a cut, whose number is left open. */
    private static String side(boolean isChosen, boolean isAtTheCut, String in, String out) {
        if (isAtTheCut) {
            return isChosen ? "at the cut of %s" : "at the cut of %s, and others came first";
        }
        return (isChosen ? in : out) + " the cut of %s";
    }

    private static double[] sorted(SelectionFile file, int from, int to) {
        return Arrays.stream(file.scores(), from, to)
                .filter(score -> !Double.isNaN(score))
                .sorted()
                .toArray();
    }

    private static String range(double low, double high) {
        return number(low) + " to " + number(high);
    }

    static String number(double value) {
        return String.format(Locale.ROOT, "%.4g", value);
    }
}
