package org.dataflex.checkpoint;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;

/** What a text has that no JSON has, in words that leave out the parser's own. */
public final class JsonFault {

    /** Where an array or object begins that does not end. */
    private static final String START = " \\(start marker at \\[Source: .*\\]\\)$";

    /** How the parser tells of anything behind the one value that it was asked for. */
    private static final String MORE = "Trailing token";

    private JsonFault() {}

    /**
     * Describes a fault.
     *
     * @param e what the parser says
     * @return the fault, on one line
     */
    public static String of(JsonProcessingException e) {
        if (e instanceof MismatchedInputException && e.getOriginalMessage().startsWith(MORE)) {
            return "more follows behind the end";
        }
        return e.getOriginalMessage().replace('\n', ' ').replaceFirst(START, "");
    }

    /**
     * Describes a fault and where it is.
     *
     * @param e what the parser says
     * @return the fault, and the line that it is in if the parser knows
     */
    public static String withLine(JsonProcessingException e) {
        JsonLocation location = e.getLocation();
        return location == null ? of(e) : of(e) + ", in line " + location.getLineNr();
    }
}
