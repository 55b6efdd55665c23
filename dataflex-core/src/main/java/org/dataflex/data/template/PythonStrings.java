package org.dataflex.data.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import jinjava.javax.el.CompositeELResolver;
import jinjava.javax.el.ELContext;
import jinjava.javax.el.ELResolver;

/** Gives strings in a Jinja template the methods of Python's that chat templates call. */
final class PythonStrings extends CompositeELResolver {

    private static final Set<String> METHODS =
            Set.of(
                    "strip",
                    "lstrip",
                    "rstrip",
                    "split",
                    "startswith",
                    "endswith",
                    "upper",
                    "lower",
                    "title",
                    "capitalize",
                    "replace",
                    "find",
                    "count");

    private static final String WHITE_SPACE = " \t\n\r\u000B\f";

    /** Strings get these methods; all else is left to another resolver. */
    PythonStrings(ELResolver otherwise) {
        add(otherwise);
    }

    @Override
    public Object invoke(
            ELContext context, Object base, Object method, Class<?>[] types, Object[] arguments) {
        if (base instanceof String text && METHODS.contains(method.toString())) {
            context.setPropertyResolved(true);
            return call(text, method.toString(), arguments);
        }
        return super.invoke(context, base, method, types, arguments);
    }

    private static Object call(String text, String method, Object[] arguments) {
        String first = arguments.length > 0 ? String.valueOf(arguments[0]) : null;
        return switch (method) {
            case "strip" -> left(right(text, first), first);
            case "lstrip" -> left(text, first);
            case "rstrip" -> right(text, first);
            case "split" -> split(text, first, arguments.length > 1 ? toInt(arguments[1]) : -1);
            case "startswith" -> text.startsWith(first);
            case "endswith" -> text.endsWith(first);
            case "upper" -> text.toUpperCase(Locale.ROOT);
            case "lower" -> text.toLowerCase(Locale.ROOT);
            case "title" -> title(text);
            case "capitalize" ->
                    text.isEmpty() ? text : title(text.substring(0, 1)) + lowerTail(text);
            case "replace" -> text.replace(first, String.valueOf(arguments[1]));
            case "find" -> (long) text.indexOf(first);
            default -> (long) split(text, first, -1).size() - 1; // count
        };
    }

    private static int toInt(Object number) {
        return ((Number) number).intValue();
    }

    private static String lowerTail(String text) {
        return text.substring(1).toLowerCase(Locale.ROOT);
    }

    private static String left(String text, String characters) {
        String stripped = characters == null ? WHITE_SPACE : characters;
        int from = 0;
        while (from < text.length() && stripped.indexOf(text.charAt(from)) >= 0) {
            from++;
        }
        return text.substring(from);
    }

    private static String right(String text, String characters) {
        String stripped = characters == null ? WHITE_SPACE : characters;
        int to = text.length();
        while (to > 0 && stripped.indexOf(text.charAt(to - 1)) >= 0) {
            to--;
        }
        return text.substring(0, to);
    }

    /** Splits at a separator, or for null at runs of white space. */
    private static List<String> split(String text, String separator, int most) {
        if (separator == null) {
            String stripped = text.strip();
            return stripped.isEmpty() ? List.of() : List.of(stripped.split("\\s+", most + 1));
        }
        List<String> parts = new ArrayList<>();
        int from = 0;
        for (int at = text.indexOf(separator);
                at >= 0 && (most < 0 || parts.size() < most);
                at = text.indexOf(separator, from)) {
            parts.add(text.substring(from, at));
            from = at + separator.length();
        }
        parts.add(text.substring(from));
        return parts;
    }

    private static String title(String text) {
        StringBuilder title = new StringBuilder();
        boolean isInWord = false;
        for (char c : text.toCharArray()) {
            title.append(isInWord ? Character.toLowerCase(c) : Character.toTitleCase(c));
            isInWord = Character.isLetter(c);
        }
        return title.toString();
    }
}
