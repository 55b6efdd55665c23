package org.dataflex.data.template;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.lib.filter.Filter;
import java.util.Map;

/** The filter {@code tojson}, with the white space of Python's {@code json.dumps}. */
final class PythonJson implements Filter {

    private static final Separators SEPARATORS =
            Separators.createDefaultInstance()
                    .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
                    .withObjectEntrySpacing(Separators.Spacing.AFTER)
                    .withArrayValueSpacing(Separators.Spacing.AFTER)
                    .withObjectEmptySeparator("")
                    .withArrayEmptySeparator("");

    @Override
    public String getName() {
        return "tojson";
    }

    @Override
    public Object filter(Object value, JinjavaInterpreter interpreter, String... arguments) {
        return json(value, arguments.length > 0 ? Integer.parseInt(arguments[0]) : 0);
    }

    @Override
    public Object filter(
            Object value,
            JinjavaInterpreter interpreter,
            Object[] arguments,
            Map<String, Object> named) {
        Object indent = named.getOrDefault("indent", arguments.length > 0 ? arguments[0] : 0L);
        return json(value, indent instanceof Number number ? number.intValue() : 0);
    }

    private static String json(Object value, int indent) {
        DefaultPrettyPrinter printer;
        if (indent == 0) {
            DefaultPrettyPrinter.NopIndenter none = DefaultPrettyPrinter.NopIndenter.instance;
            printer = new DefaultPrettyPrinter(SEPARATORS);
            printer.indentObjectsWith(none);
            printer.indentArraysWith(none);
        } else {
            DefaultIndenter lines = new DefaultIndenter(" ".repeat(indent), "\n");
            printer =
                    new DefaultPrettyPrinter(
                            SEPARATORS
                                    .withObjectEntrySpacing(Separators.Spacing.NONE)
                                    .withArrayValueSpacing(Separators.Spacing.NONE));
            printer.indentObjectsWith(lines);
            printer.indentArraysWith(lines);
        }
        ObjectWriter writer = new ObjectMapper().writer(printer);
        try {
            return writer.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("tojson cannot write " + value, e);
        }
    }
}
