package org.dataflex.examples.page;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.regex.Pattern;

/** Numbers as text for people, the same in every locale: a point, and thousands set apart. */
public final class NumberText {

    /** What stands for a value that is not finite. */
    public static final String MISSING = "\u2013"; // en dash

    private static final char MINUS = '\u2212';
    private static final char THOUSANDS = '\u202F'; // narrow no-break space

    /** Shorter numbers are read well without a gap, as years are. */
    private static final int MIN_DIGITS_TO_GROUP = 5;

    private static final int INTERVAL_DIGITS = 2;
    private static final int MAX_PLAIN_EXPONENT = 6;
    private static final int MIN_PLAIN_EXPONENT = -4;

    private static final String INTERVAL = "( \\+- [0-9.]+)?";
    private static final Pattern NUMBER =
            Pattern.compile(
                    "[-+\u2212\u00B1]?[0-9][0-9\u202F.]*(e[-\u2212]?[0-9]+)?"
                            + INTERVAL
                            + "( ?%)?( \u00B1 [0-9.]+(e[-\u2212]?[0-9]+)?)?|[-\u2013]|");

    private NumberText() {}

    /**
     * Returns a value rounded to some significant digits: {@code 3.210}, {@code 12 400}, {@code
     * 1.5e-7}.
     *
     * @param significantDigits at least 1; digits before the point are never dropped
     * @return the text, or {@link #MISSING} if the value is not finite
     * @throws IllegalArgumentException if {@code significantDigits} is below 1
     */
    public static String of(double value, int significantDigits) {
        if (significantDigits < 1) {
            throw new IllegalArgumentException("significantDigits is " + significantDigits);
        }
        if (!Double.isFinite(value)) {
            return MISSING;
        }
        MathContext digits = new MathContext(significantDigits, RoundingMode.HALF_EVEN);
        BigDecimal exact = BigDecimal.valueOf(value);
        BigDecimal rounded = exact.round(digits);
        if (rounded.signum() == 0) {
            return "0";
        }
        if (!isPlain(rounded)) {
            return scientific(rounded);
        }
        int decimals = Math.max(0, significantDigits - 1 - exponent(rounded));
        return plain(exact.setScale(decimals, RoundingMode.HALF_EVEN));
    }

    /**
     * Returns a mean and half the width of its interval, neither finer than the interval's second
     * digit: {@code 3.56 ± 0.23}, {@code 24 ± 72}.
     *
     * @param significantDigits of the mean at most, at least 1
     * @return the text; of the mean alone if there is no interval
     */
    public static String of(double mean, double halfWidth, int significantDigits) {
        String alone = of(mean, significantDigits);
        if (!Double.isFinite(halfWidth)) {
            return alone;
        }
        String half = of(halfWidth, INTERVAL_DIGITS);
        int decimals = decimals(half);
        boolean isCut = halfWidth > 0 && decimals < decimals(alone);
        String text =
                isCut
                        ? plain(BigDecimal.valueOf(mean).setScale(decimals, RoundingMode.HALF_EVEN))
                        : alone;
        return text + " \u00B1 " + half;
    }

    private static int decimals(String number) {
        int point = number.indexOf('.');
        return point < 0 ? 0 : number.length() - point - 1;
    }

    /** Returns a count with its thousands set apart: {@code 12 400}. */
    public static String count(long value) {
        return plain(BigDecimal.valueOf(value));
    }

    /** Returns a proportion in per cent, with one decimal: {@code 12.5%}. */
    public static String percent(double proportion) {
        if (!Double.isFinite(proportion)) {
            return MISSING;
        }
        BigDecimal percent = BigDecimal.valueOf(proportion).movePointRight(2);
        return plain(percent.setScale(1, RoundingMode.HALF_EVEN)) + "%";
    }

    /** Returns all digits of a number, trailing zeros included, unless it is huge or tiny. */
    static String exact(BigDecimal value) {
        if (value.signum() == 0) {
            return value.scale() > 0 && value.scale() <= -MIN_PLAIN_EXPONENT
                    ? value.toPlainString()
                    : "0";
        }
        return isPlain(value) ? plain(value) : scientific(value);
    }

    /** Whether a cell holds a number (+- another), or nothing that breaks a column of them. */
    static boolean isNumber(String cell) {
        return NUMBER.matcher(cell).matches();
    }

    private static boolean isPlain(BigDecimal value) {
        int exponent = exponent(value);
        return exponent >= MIN_PLAIN_EXPONENT && exponent <= MAX_PLAIN_EXPONENT;
    }

    /** Power of ten of the first digit. */
    private static int exponent(BigDecimal value) {
        return value.precision() - value.scale() - 1;
    }

    private static String plain(BigDecimal value) {
        String text = value.abs().toPlainString();
        int point = text.indexOf('.') < 0 ? text.length() : text.indexOf('.');
        StringBuilder grouped = new StringBuilder(text);
        if (point >= MIN_DIGITS_TO_GROUP) {
            for (int i = point - 3; i > 0; i -= 3) {
                grouped.insert(i, THOUSANDS);
            }
        }
        return signed(value, grouped.toString());
    }

    private static String scientific(BigDecimal value) {
        BigDecimal digits = value.abs().stripTrailingZeros();
        BigDecimal mantissa = digits.movePointLeft(exponent(digits));
        int exponent = exponent(value);
        String power = exponent < 0 ? MINUS + Integer.toString(-exponent) : "" + exponent;
        return signed(value, mantissa.stripTrailingZeros().toPlainString() + "e" + power);
    }

    private static String signed(BigDecimal value, String magnitude) {
        return value.signum() < 0 ? MINUS + magnitude : magnitude;
    }
}
