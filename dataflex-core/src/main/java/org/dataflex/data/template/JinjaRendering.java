package org.dataflex.data.template;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.el.JinjavaInterpreterResolver;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import java.util.List;
import java.util.Map;

/**
 * Renders a chat template as transformers does: Jinja with {@code trim_blocks} and {@code
 * lstrip_blocks}, Python's string methods, {@code raise_exception} and {@code tojson}.
 *
 * <p>{@code strftime_now} is left undefined on purpose: a template that prints the date of the day
 * falls back on the one that it names, and the same samples are the same tokens tomorrow.
 */
final class JinjaRendering {

    private final Jinjava jinjava;
    private final String template;

    JinjaRendering(String template) {
        this.template = mended(template);
        jinjava =
                new Jinjava(
                        JinjavaConfig.newBuilder()
                                .withTrimBlocks(true)
                                .withLstripBlocks(true)
                                .withNestedInterpretationEnabled(false) // texts are no templates
                                .withLegacyOverrides(
                                        LegacyOverrides.newBuilder()
                                                .withParseWhitespaceControlStrictly(true)
                                                .withUseTrimmingForNotesAndExpressions(true)
                                                .withUseSnakeCasePropertyNaming(true)
                                                .withKeepNullableLoopValues(true)
                                                .withEvaluateMapKeys(true)
                                                .withIterateOverMapKeys(true)
                                                .build())
                                .withElResolver(
                                        new PythonStrings(
                                                JinjavaInterpreterResolver
                                                        .DEFAULT_RESOLVER_READ_ONLY))
                                .build());
        jinjava.getGlobalContext()
                .registerFunction(
                        new ELFunctionDefinition(
                                "",
                                "raise_exception",
                                JinjaRendering.class,
                                "raiseException",
                                String.class));
        jinjava.getGlobalContext().registerFilter(new PythonJson());
    }

    /** Says what Jinjava does not know in words that it does. */
    private static String mended(String template) {
        return template.replace("[::-1]", "|reverse|list")
                // named arguments bind tighter than arithmetic
                .replaceAll("=\\s*(messages\\s*\\|\\s*length\\s*-\\s*1)\\b", "=($1)")
                // marks of the responses, which leave no trace
                .replaceAll("\\{%(-?)\\s*generation\\s*(-?)%}", "{%$1 if true $2%}")
                .replaceAll("\\{%(-?)\\s*endgeneration\\s*(-?)%}", "{%$1 endif $2%}");
    }

    /** What a template calls to refuse messages. */
    public static String raiseException(String message) {
        throw new Refusal(message);
    }

    /** Renders; throws {@link IllegalArgumentException} where the template or Jinjava refuses. */
    String render(Map<String, Object> variables) {
        RenderResult result = jinjava.renderForResult(template, variables);
        List<TemplateError> errors =
                result.getErrors().stream()
                        .filter(e -> e.getSeverity() == TemplateError.ErrorType.FATAL)
                        .toList();
        if (!errors.isEmpty()) {
            throw new IllegalArgumentException(
                    "the chat template cannot be rendered: " + reason(errors.get(0)));
        }
        return result.getOutput();
    }

    /** The words of the template where it has refused, else Jinjava's. */
    private static String reason(TemplateError error) {
        for (Throwable e = error.getException(); e != null; e = e.getCause()) {
            if (e instanceof Refusal) {
                return e.getMessage();
            }
        }
        return error.getMessage();
    }

    /** Thrown by {@code raise_exception}. */
    private static final class Refusal extends RuntimeException {

        private static final long serialVersionUID = 1L;

        Refusal(String message) {
            super(message);
        }
    }
}
