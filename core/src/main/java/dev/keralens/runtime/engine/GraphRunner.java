package dev.keralens.runtime.engine;

import dev.keralens.runtime.GraphExecutionException;
import dev.keralens.tensor.Tensor;
import java.util.List;

/** Runs one graph. Safe for use by several threads at once. */
interface GraphRunner {
  /**
   * Compiles what a run needs, if it is not there yet.
   *
   * @param batch the number of rows
   * @throws IllegalStateException if this is closed
   * @throws GraphExecutionException if ONNX Runtime refuses the graph
   */
  void prepare(int batch);

  /**
   * Runs the graph.
   *
   * @param tensors what is fed, of the inputs' shapes
   * @param batch the number of rows
   * @throws IllegalStateException if this is closed
   * @throws java.util.concurrent.CancellationException if the thread is interrupted; it stays so
   * @throws GraphExecutionException if ONNX Runtime fails
   */
  List<Tensor> run(List<Tensor> tensors, int batch);

  /** Frees the native memory, after the runs that are under way. */
  void close();
}
