package dev.keralens.runtime;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How graphs are compiled and run.
 *
 * @param threads threads that compute a run, each rows of its own, or all one operator together; by
 *     default as many as the machine has processors
 * @param optimization how far the graph is rewritten; by default {@link Optimization#ALL}
 * @param rewriting whether a graph is brought into the form that runs fastest before ONNX Runtime
 *     has it; by default it is, and results are the same up to rounding
 * @param precision the numbers that graphs compute with; by default {@link Precision#FLOAT32}
 * @param profile the beginning of the path of a file that ONNX Runtime writes each operator's time
 *     to when the compiled graph is closed (it adds a date and {@code .json}); null for none
 */
public record RuntimeOptions(
    int threads,
    Optimization optimization,
    boolean rewriting,
    Precision precision,
    @Nullable Path profile) {
  /**
   * Checks the number of threads.
   *
   * @param threads as above
   * @param optimization as above
   * @param rewriting as above
   * @param precision as above
   * @param profile as above
   * @throws IllegalArgumentException if {@code threads} is less than one
   */
  public RuntimeOptions {
    if (threads < 1) {
      throw new IllegalArgumentException("At least one thread is needed, got " + threads + ".");
    }
  }

  /** {@return every option's default} */
  public static RuntimeOptions defaults() {
    return new RuntimeOptions(
        Runtime.getRuntime().availableProcessors(),
        Optimization.ALL,
        /* rewriting= */ true,
        Precision.FLOAT32,
        /* profile= */ null);
  }

  /**
   * {@return a copy with another number of threads}
   *
   * @param number threads that work on one operator together, at least one
   */
  public RuntimeOptions withThreads(int number) {
    return new RuntimeOptions(number, optimization, rewriting, precision, profile);
  }

  /**
   * {@return a copy with another level of optimization}
   *
   * @param level how far the graph is rewritten
   */
  public RuntimeOptions withOptimization(Optimization level) {
    return new RuntimeOptions(threads, level, rewriting, precision, profile);
  }

  /**
   * {@return a copy that rewrites graphs, or leaves them as they are}
   *
   * @param rewritten whether graphs are brought into the form that runs fastest
   */
  public RuntimeOptions withRewriting(boolean rewritten) {
    return new RuntimeOptions(threads, optimization, rewritten, precision, profile);
  }

  /**
   * {@return a copy that computes in another precision}
   *
   * @param numbers the numbers that graphs compute with
   */
  public RuntimeOptions withPrecision(Precision numbers) {
    return new RuntimeOptions(threads, optimization, rewriting, numbers, profile);
  }

  /**
   * {@return a copy that writes each operator's time to a file}
   *
   * @param path the beginning of the file's path
   */
  public RuntimeOptions withProfile(@Nullable Path path) {
    return new RuntimeOptions(threads, optimization, rewriting, precision, path);
  }
}
