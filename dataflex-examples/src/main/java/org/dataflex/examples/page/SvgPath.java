package org.dataflex.examples.page;

/** Builds the text of an SVG path, with coordinates to a tenth of a unit. */
final class SvgPath {

    private final StringBuilder text = new StringBuilder();

    SvgPath move(double x, double y) {
        return add('M', x, y);
    }

    SvgPath line(double x, double y) {
        return add('L', x, y);
    }

    /** Half a circle of the given radius, clockwise, to a point. */
    SvgPath halfCircle(double radius, double x, double y) {
        String r = number(radius);
        text.append('A').append(r).append(' ').append(r).append(" 0 0 1 ");
        text.append(number(x)).append(' ').append(number(y));
        return this;
    }

    /** Returns the path as a closed outline. */
    String close() {
        return text.append('Z').toString();
    }

    @Override
    public String toString() {
        return text.toString();
    }

    /** A coordinate rounded to a tenth: {@code 12} or {@code 12.5}, in any locale. */
    static String number(double coordinate) {
        long tenths = Math.round(coordinate * 10);
        String whole = Long.toString(Math.abs(tenths / 10));
        String sign = tenths < 0 ? "-" : "";
        return sign + whole + (tenths % 10 == 0 ? "" : "." + Math.abs(tenths % 10));
    }

    private SvgPath add(char command, double x, double y) {
        text.append(command).append(number(x)).append(' ').append(number(y));
        return this;
    }
}
