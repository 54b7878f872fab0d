package dev.keralens.runtime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import dev.keralens.graph.Graph;
import dev.keralens.graph.Value;
import dev.keralens.onnx.OnnxModel;
import dev.keralens.onnx.OnnxWriter;
import dev.keralens.rewrite.Rewriter;
import dev.keralens.tensor.Tensor;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.List;
import java.util.concurrent.CancellationException;

/**
 * A graph, compiled by ONNX Runtime and ready to run any number of times, with any size of batch.
 *
 * <p>Safe for use by several threads at once. It holds native memory until it is closed.
 */
public final class CompiledGraph implements AutoCloseable {
  /** Closes what was never closed, once nothing refers to it. */
  private static final Cleaner CLEANER = Cleaner.create();

  private final List<Value> inputs;
  private final List<Value> outputs;
  private final Session session;
  private final Cleaner.Cleanable cleanable;

  private CompiledGraph(Graph graph, Session session) {
    this.inputs = graph.inputs();
    this.outputs = graph.outputs();
    this.session = session;
    this.cleanable = CLEANER.register(this, session::close);
  }

  /**
   * Loads ONNX Runtime's native library on a thread of its own, so that it is at hand when the
   * first graph is compiled. What fails here fails again, and is reported, there.
   */
  public static void preload() {
    Thread thread = new Thread(OnnxRuntime::environment, "keralens-preload");
    thread.setDaemon(true);
    thread.setUncaughtExceptionHandler((failed, e) -> {});
    thread.start();
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
   * Compiles a graph. Its deferred constants are read, and let go once ONNX Runtime has them.
   *
   * @param graph the graph
   * @param options how to compile and run it
   * @return the compiled graph, to be closed by the caller
   * @throws GraphExecutionException if ONNX Runtime refuses the graph
   * @throws dev.keralens.graph.UnsupportedModelException if the graph has an operator that cannot
   *     be computed in the precision of the options
   */
  public static CompiledGraph compile(Graph graph, RuntimeOptions options) {
    OnnxModel model = OnnxWriter.toModel(rewritten(graph, options));
    OrtEnvironment environment = OnnxRuntime.environment();
    try (Weights weights = Weights.read(model.external(), environment, options.threads());
        SessionOptions sessionOptions = OnnxRuntime.sessionOptions(options)) {
      sessionOptions.addExternalInitializers(weights.tensors());
      OrtSession session = environment.createSession(model.bytes(), sessionOptions);
      return new CompiledGraph(graph, new Session(environment, session, model));
    } catch (OrtException e) {
      throw new GraphExecutionException("ONNX Runtime cannot compile the graph", e);
    }
  }

  private static Graph rewritten(Graph graph, RuntimeOptions options) {
    return switch (options.precision()) {
      case FLOAT32 -> options.rewriting() ? Rewriter.rewrite(graph) : graph;
      case FLOAT64 -> Rewriter.toFloat64(graph);
    };
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
   * @param tensors one tensor per input of the graph, in its order; the batch may have any size
   *     from one, the same for all
   * @return one tensor per output of the graph, in its order
   * @throws IllegalArgumentException if a tensor has not the type or the shape of its input, or if
   *     an output would be too large for a tensor
   * @throws IllegalStateException if this is closed
   * @throws CancellationException if the thread is interrupted; it stays so
   * @throws GraphExecutionException if ONNX Runtime fails, for instance for want of memory
   */
  public List<Tensor> run(List<Tensor> tensors) {
    InputCheck.outputs(outputs, InputCheck.batch(inputs, tensors));
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException("The work was cancelled: its thread is interrupted.");
    }
    try {
      return session.run(tensors, outputs);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Frees the native memory, after the runs that are under way, and writes the profile if there is
   * to be one. Closing twice does nothing.
   */
  @Override
  public void close() {
    cleanable.clean();
  }
}
