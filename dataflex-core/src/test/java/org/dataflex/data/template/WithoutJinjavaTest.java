package org.dataflex.data.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import org.junit.jupiter.api.Test;

/** What a user is told who has not added Jinjava to the dependencies. */
class WithoutJinjavaTest {

    /** Everything but Jinjava, and the library itself, which is to be loaded anew. */
    private static final class WithoutJinjava extends ClassLoader {

        WithoutJinjava() {
            super(WithoutJinjavaTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.startsWith("com.hubspot.") || name.startsWith("org.dataflex.")) {
                throw new ClassNotFoundException(name);
            }
            return super.loadClass(name, resolve);
        }
    }

    @Test
    void chatTemplate_saysWhatToAdd() throws Exception {
        URL library = ChatTemplate.class.getProtectionDomain().getCodeSource().getLocation();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {library}, new WithoutJinjava())) {
            Class<?> template = loader.loadClass(ChatTemplate.class.getName());
            assertNotSame(ChatTemplate.class, template);
            Method of =
                    template.getMethod(
                            "of", String.class, loader.loadClass(TokenEncoder.class.getName()));
            InvocationTargetException e =
                    assertThrows(
                            InvocationTargetException.class, () -> of.invoke(null, "text", null));
            assertEquals(IllegalStateException.class, e.getCause().getClass());
            assertEquals(
                    "a chat template needs com.hubspot.jinjava:jinjava; add it to the dependencies,"
                            + " or take a template by name",
                    e.getCause().getMessage());
        }
    }
}
