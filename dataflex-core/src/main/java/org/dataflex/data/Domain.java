package org.dataflex.data;

/**
 * A named source of training samples, such as {@code wiki} or {@code code}.
 *
 * @param name unique within a pool, not blank
 */
public record Domain(String name) {

    /** Rejects a missing or blank name. */
    public Domain {
        if (name == null || name.isBlank()) {
            throw new IllegalArgumentException("a domain's name is " + name + "; give it a name");
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
