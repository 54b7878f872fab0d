package dev.keralens.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.onnx.OnnxModel;
import dev.keralens.onnx.OnnxWriter;
import dev.keralens.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A graph, compiled by ONNX Runtime and ready to run any number of times, with any size of batch.
 *
 * <p>Safe for use by several threads at once. It holds native memory until it is closed.
 */
public final class CompiledGraph implements AutoCloseable {
  private final List<Value> inputs;
  private final List<Value> outputs;
  private final List<String> inputNames;
  private final LinkedHashSet<String> outputNames;
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final List<ByteBuffer> weights;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private boolean closed;

  private CompiledGraph(
      Graph graph,
      OnnxModel model,
      OrtEnvironment environment,
      OrtSession session,
      List<ByteBuffer> weights) {
    this.inputs = graph.inputs();
    this.outputs = graph.outputs();
    this.inputNames = model.inputNames();
    this.outputNames = new LinkedHashSet<>(model.outputNames());
    this.environment = environment;
    this.session = session;
    this.weights = weights;
  }

  /**
   * Compiles a graph with the default options.
   *
   * @param graph the graph
   * @return the compiled graph, to be closed by the caller
   * @throws GraphExecutionException if ONNX Runtime refuses the graph
   */
  public static CompiledGraph compile(Graph graph) {
    return compile(graph, RuntimeOptions.defaults());
  }

  /**
   * Compiles a graph.
   *
   * @param graph the graph
   * @param options how to compile and run it
   * @return the compiled graph, to be closed by the caller
   * @throws GraphExecutionException if ONNX Runtime refuses the graph
   */
  public static CompiledGraph compile(Graph graph, RuntimeOptions options) {
    OnnxModel model = OnnxWriter.toModel(graph);
    OrtEnvironment environment = OnnxRuntime.environment();
    List<ByteBuffer> weights = new ArrayList<>();
    Map<String, OnnxTensorLike> initializers = new LinkedHashMap<>();
    try (SessionOptions session = OnnxRuntime.sessionOptions(options)) {
      for (Map.Entry<String, Constant> entry : model.external().entrySet()) {
        Tensor tensor = entry.getValue().tensor();
        ByteBuffer bytes = direct(tensor);
        weights.add(bytes);
        initializers.put(
            entry.getKey(), NativeTensors.wrap(environment, tensor.type(), bytes, tensor.shape()));
      }
      session.addExternalInitializers(initializers);
      OrtSession compiled = environment.createSession(model.bytes(), session);
      return new CompiledGraph(graph, model, environment, compiled, weights);
    } catch (OrtException e) {
      throw new GraphExecutionException(
          "ONNX Runtime cannot compile the graph: " + e.getMessage(), e);
    } finally {
      initializers.values().forEach(OnnxTensorLike::close);
    }
  }

  private static ByteBuffer direct(Tensor tensor) {
    ByteBuffer bytes = tensor.bytes();
    if (bytes.isDirect()) {
      return bytes;
    }
    return ByteBuffer.allocateDirect(bytes.remaining())
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(bytes)
        .flip();
  }

  /** {@return what is fed to the graph} */
  public List<Value> inputs() {
    return inputs;
  }

  /** {@return what the graph computes} */
  public List<Value> outputs() {
    return outputs;
  }

  /**
   * Runs the graph.
   *
   * @param tensors one tensor per input of the graph, in its order; the batch may have any size,
   *     the same for all
   * @return one tensor per output of the graph, in its order
   * @throws IllegalArgumentException if a tensor has not the type or the shape of its input
   * @throws IllegalStateException if this is closed
   * @throws GraphExecutionException if ONNX Runtime fails, for instance for want of memory
   */
  public List<Tensor> run(List<Tensor> tensors) {
    check(tensors);
    lock.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("The compiled graph is closed.");
      }
      return runOpen(tensors);
    } catch (OrtException e) {
      throw new GraphExecutionException("ONNX Runtime cannot run the graph: " + e.getMessage(), e);
    } finally {
      lock.readLock().unlock();
    }
  }

  private List<Tensor> runOpen(List<Tensor> tensors) throws OrtException {
    Map<String, OnnxTensor> feeds = new LinkedHashMap<>();
    try {
      for (int i = 0; i < tensors.size(); i++) {
        Tensor tensor = tensors.get(i);
        ByteBuffer bytes = direct(tensor);
        feeds.put(
            inputNames.get(i),
            NativeTensors.wrap(environment, tensor.type(), bytes, tensor.shape()));
      }
      try (OrtSession.Result result = session.run(feeds, outputNames)) {
        List<Tensor> results = new ArrayList<>();
        for (int i = 0; i < outputs.size(); i++) {
          results.add(NativeTensors.copy(result.get(i), outputs.get(i).type()));
        }
        return results;
      }
    } finally {
      feeds.values().forEach(OnnxTensor::close);
    }
  }

  private void check(List<Tensor> tensors) {
    if (tensors.size() != inputs.size()) {
      throw new IllegalArgumentException(
          "The graph has %d inputs, got %d tensors.".formatted(inputs.size(), tensors.size()));
    }
    int batch = -1;
    for (int i = 0; i < tensors.size(); i++) {
      Value input = inputs.get(i);
      Tensor tensor = tensors.get(i);
      int axis = input.shape().batchAxis();
      int rows = batch;
      if (axis >= 0 && axis < tensor.rank()) {
        rows = tensor.size(axis) / -input.shape().size(axis);
      }
      Shape expected = input.shape();
      boolean fits =
          tensor.type() == input.type()
              && Shape.of(tensor.shape()).equals(Shape.of(expected.forBatch(Math.max(rows, 0))));
      if (!fits || (axis >= 0 && rows < 1)) {
        throw new IllegalArgumentException(
            "Input '%s' takes %s of shape %s, got %s."
                .formatted(input.name(), input.type(), expected, tensor));
      }
      if (axis >= 0 && batch >= 0 && rows != batch) {
        throw new IllegalArgumentException(
            "Input '%s' has a batch of %d, the inputs before it of %d."
                .formatted(input.name(), rows, batch));
      }
      batch = rows;
    }
  }

  /** Frees the native memory, after the runs that are under way. Closing twice does nothing. */
  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        session.close();
        weights.clear();
      }
    } catch (OrtException e) {
      throw new GraphExecutionException(
          "ONNX Runtime cannot close the graph: " + e.getMessage(), e);
    } finally {
      lock.writeLock().unlock();
    }
  }
}
