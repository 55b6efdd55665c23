package org.dataflex.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import org.dataflex.loss.CausalLmLoss;

/** Makes padded batches: fills Java memory first, so that each array is one native call. */
final class TokenBatch {

    private final int rows;
    private final int columns;
    private final ByteBuffer ids;
    private final ByteBuffer mask;
    private final ByteBuffer labels;

    private TokenBatch(NDManager manager, int rows, int columns) {
        this.rows = rows;
        this.columns = columns;
        long size = (long) rows * columns;
        if (size > Integer.MAX_VALUE / Long.BYTES) {
            throw new IllegalArgumentException(
                    "a batch of "
                            + rows
                            + " sequences of up to "
                            + columns
                            + " tokens takes more than 2 GB an array; ask for fewer at once");
        }
        this.ids = manager.allocateDirect((int) size * Long.BYTES);
        this.labels = manager.allocateDirect((int) size * Long.BYTES);
        this.mask = manager.allocateDirect((int) size * Float.BYTES);
    }

    static Batch read(TokenStorage storage, NDManager manager, SampleIndices indices) {
        int longest = indices.stream().mapToInt(storage::length).max().getAsInt();
        TokenBatch batch = new TokenBatch(manager, indices.size(), longest);
        batch.fill(storage, indices);
        return batch.toBatch(manager.newSubManager(), indices);
    }

    private void fill(TokenStorage storage, SampleIndices indices) {
        LongBuffer ids = this.ids.asLongBuffer();
        LongBuffer labels = this.labels.asLongBuffer();
        FloatBuffer mask = this.mask.asFloatBuffer();
        int[] codes = new int[columns];
        for (int row = 0; row < rows; row++) {
            long index = indices.get(row);
            storage.read(index, codes);
            int length = storage.length(index);
            for (int i = 0; i < columns; i++) {
                boolean isToken = i < length;
                int id = isToken ? TokenCode.id(codes[i]) : 0;
                boolean isTarget = isToken && TokenCode.isTarget(codes[i]);
                ids.put(id);
                mask.put(isToken ? 1 : 0);
                labels.put(isTarget ? id : CausalLmLoss.IGNORED);
            }
        }
    }

    private Batch toBatch(NDManager own, SampleIndices indices) {
        Shape shape = new Shape(rows, columns);
        try {
            NDArray idArray = own.create(ids, shape, DataType.INT64);
            NDArray maskArray = own.create(mask, shape, DataType.FLOAT32);
            NDArray labelArray = own.create(labels, shape, DataType.INT64);
            return new Batch(
                    own,
                    new NDList(idArray, maskArray),
                    new NDList(labelArray),
                    rows,
                    null,
                    null,
                    0,
                    0,
                    indices.asList());
        } catch (RuntimeException | Error e) {
            own.close();
            throw e;
        }
    }
}
