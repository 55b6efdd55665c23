package org.dataflex.internal;

import ai.djl.Model;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Linear;
import ai.djl.training.dataset.Batch;
import ai.djl.training.optimizer.Optimizer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import org.dataflex.checkpoint.CheckpointException;
import org.dataflex.checkpoint.SafetensorsType;
import org.dataflex.checkpoint.Tensor;
import org.dataflex.data.SampleIndices;
import org.dataflex.data.SampleSet;
import org.dataflex.data.Samples;
import org.dataflex.loss.PerSampleLoss;

/** A model whose loss is the inner product of its weights and a row: its gradient is the row. */
final class RowModel implements AutoCloseable {

    private final Model model = Model.newInstance("rows");
    private final NDManager scope;
    private final Optimizer adam = Optimizer.adam().build();
    private final OptimizerState state;

    RowModel(int width) {
        model.setDataType(DataType.FLOAT32);
        model.setBlock(Linear.builder().setUnits(1).optBias(false).build());
        model.getBlock().initialize(model.getNDManager(), model.getDataType(), new Shape(1, width));
        scope = model.getNDManager().newSubManager();
        state = new OptimizerState(adam, model.getBlock().getParameters());
    }

    /** Sets the optimizer's moments, and that t - 1 updates have been made. */
    void setMoments(double[] m, double[] v, int t) throws CheckpointException {
        String name = model.getBlock().getParameters().keyAt(0);
        state.restore(Map.of("means/" + name, row(m), "variances/" + name, row(v)), t - 1);
    }

    private static Tensor row(double[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length);
        bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(floats(values));
        Shape shape = new Shape(1, values.length);
        return new Tensor(
                SafetensorsType.F32, shape, (from, length) -> bytes.slice((int) from, length));
    }

    Parameter weight() {
        return model.getBlock().getParameters().valueAt(0);
    }

    DjlModelOps ops() {
        PerSampleLoss loss =
                PerSampleLoss.of(
                        "row", (labels, outputs) -> outputs.singletonOrThrow().reshape(-1));
        return new DjlModelOps(model, loss, adam, scope, 4);
    }

    /** Samples with these gradients. */
    static Samples samples(double[]... rows) {
        return Samples.all(
                new SampleSet() {
                    @Override
                    public long size() {
                        return rows.length;
                    }

                    @Override
                    public Batch batch(NDManager manager, SampleIndices indices) {
                        NDManager own = manager.newSubManager();
                        NDList data = new NDList();
                        indices.stream()
                                .mapToObj(i -> own.create(floats(rows[(int) i])))
                                .forEach(data::add);
                        data = new NDList(NDArrays.stack(data));
                        int size = indices.size();
                        NDList labels = new NDList(own.zeros(new Shape(size)));
                        return new Batch(
                                own, data, labels, size, null, null, 0, 0, indices.asList());
                    }

                    @Override
                    public String fingerprint() {
                        return "rows";
                    }
                });
    }

    static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    @Override
    public void close() {
        state.close();
        scope.close();
        model.close();
    }
}
