package org.dataflex.selectors;

/** Embeddings in the heap. */
record HeldVectors(float[][] rows) implements UnitVectors {

    @Override
    public int size() {
        return rows.length;
    }

    @Override
    public int dimension() {
        return rows[0].length;
    }

    @Override
    public void copy(int row, float[] into, int offset) {
        System.arraycopy(rows[row], 0, into, offset, rows[row].length);
    }
}
