package dev.keralens.runtime.engine;

import dev.keralens.graph.Graph;
import dev.keralens.graph.Value;
import dev.keralens.rewrite.Rewriter;
import dev.keralens.runtime.Device;
import dev.keralens.runtime.GraphExecutionException;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.tensor.Tensor;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

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
  private final GraphRunner runner;
  private final Cleaner.Cleanable cleanable;

  CompiledGraph(Graph graph, GraphRunner runner) {
    this.inputs = graph.inputs();
    this.outputs = graph.outputs();
    this.runner = runner;
    this.cleanable = CLEANER.register(this, runner::close);
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
   */
  public static CompiledGraph compile(Graph graph) {
    return compile(graph, RuntimeOptions.defaults());
  }

  /**
   * Compiles a graph: the engine does so when the graph is first run, or by {@link #prepare}.
   *
   * <p>Where a run has at least as many rows as there are threads, each thread computes rows of its
   * own; with fewer rows, all threads compute them together. Each of the two has its own compiled
   * form, with its own copy of the weights, made when it is needed.
   *
   * @param graph the graph
   * @param options how to compile and run it
   * @return the compiled graph, to be closed by the caller
   * @throws GraphExecutionException if a device of the options is not there
   */
  public static CompiledGraph compile(Graph graph, RuntimeOptions options) {
    return new CompiledGraph(graph, runner(graph, graph, UnaryOperator.identity(), options));
  }

  /**
   * Compiles a graph that computes something of one column of a matrix, to compute it of each.
   * Where rows of all columns in one run would not fit one another, this is faster, and it needs
   * the memory of one column.
   *
   * @param one the graph for one column: its first output is the column, which is a slice of the
   *     last axis of a value
   * @param columns how many columns the matrix has
   * @param options how to compile and run it
   * @return the compiled graph, to be closed by the caller: its outputs are those of the graph but
   *     the first; where they depend on the column, they have one for each along their last axis
   */
  public static CompiledGraph compileForEachColumn(Graph one, int columns, RuntimeOptions options) {
    UnaryOperator<Graph> copies = graph -> Rewriter.ofEachColumn(graph, columns);
    Graph all = copies.apply(one);
    return new CompiledGraph(all, runner(all, one, copies, options));
  }

  private static GraphRunner runner(
      Graph graph, Graph rewritable, UnaryOperator<Graph> afterwards, RuntimeOptions options) {
    if (options.placement().isPlain()) {
      return new Sessions(graph, rewritable, afterwards, options);
    }
    List<Device> devices = Devices.chosen(options.placement());
    int shares = Math.max(1, (int) devices.stream().filter(Device::isCpu).count());
    RuntimeOptions each = options.withThreads(Math.max(1, options.threads() / shares));
    List<DeviceRunners.Lane> lanes = new ArrayList<>();
    for (Device device : devices) {
      lanes.add(
          new DeviceRunners.Lane(
              device, new Sessions(graph, rewritable, afterwards, each.withDevices(device))));
    }
    return new DeviceRunners(graph, lanes, options.placement().notices());
  }

  /**
   * Runs an ONNX file once, as other programs do: by the engine alone, nothing of it read or
   * rewritten here.
   *
   * @param file the file
   * @param inputs the inputs by their names
   * @return the outputs by their names, in their order
   * @throws GraphExecutionException if ONNX Runtime refuses the file, or fails
   */
  public static Map<String, Tensor> runFile(Path file, Map<String, Tensor> inputs) {
    return OnnxRuntime.run(file, inputs);
  }

  /**
   * Compiles now what the first run would compile. The graph's deferred constants are read, and let
   * go once ONNX Runtime has them.
   *
   * @param batch how many rows runs will have
   * @throws IllegalStateException if this is closed
   * @throws java.util.concurrent.CancellationException if the thread is interrupted; it stays so
   * @throws GraphExecutionException if ONNX Runtime refuses the graph
   * @throws dev.keralens.graph.UnsupportedModelException if the graph has an operator that cannot
   *     be computed in the precision of the options
   */
  public void prepare(int batch) {
    try {
      runner.prepare(batch);
    } finally {
      Reference.reachabilityFence(this);
    }
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
   * @throws java.util.concurrent.CancellationException if the thread is interrupted; it stays so
   * @throws GraphExecutionException if ONNX Runtime refuses the graph, or fails, for instance for
   *     want of memory
   * @throws dev.keralens.graph.UnsupportedModelException if the graph has an operator that cannot
   *     be computed in the precision of the options
   */
  public List<Tensor> run(List<Tensor> tensors) {
    int batch = InputCheck.batch(inputs, tensors);
    InputCheck.outputs(outputs, batch);
    try {
      return runner.run(tensors, batch);
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
