package org.dataflex.examples.page;

/**
 * The two sizes in which every chart is drawn; the style sheet shows the one that fits the window.
 *
 * <p>A drawing that is only scaled has text that is too small on a telephone.
 */
enum PlotSize {
    WIDE("wide", 600, 340, 6),
    NARROW("narrow", 330, 280, 4);

    /** Intervals of the y axis, in either size. */
    static final int Y_INTERVALS = 5;

    final String cssClass;
    final int width;
    final int height;
    final int xIntervals;

    PlotSize(String cssClass, int width, int height, int xIntervals) {
        this.cssClass = cssClass;
        this.width = width;
        this.height = height;
        this.xIntervals = xIntervals;
    }
}
