package org.dataflex.lm;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;

/** What a text has that no JSON has, in words that name its line and leave out the parser's own. */
final class JsonFault {

    /** Where an array or object begins that does not end. */
    private static final String START = " \\(start marker at \\[Source: .*\\]\\)$";

    private JsonFault() {}

    /**
     * Describes a fault.
     *
     * @param e what the parser says
     * @return the fault and the line that it is in
     */
    static String of(JsonProcessingException e) {
        String fault = e.getOriginalMessage().replaceFirst(START, "");
        JsonLocation location = e.getLocation();
        return location == null ? fault : fault + ", in line " + location.getLineNr();
    }
}
