package dev.keralens.runtime;

import dev.keralens.tensor.CheckReturnValue;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How graphs are compiled and run. */
@CheckReturnValue
public final class RuntimeOptions {
  private final int threads;
  private final Optimization optimization;
  private final boolean rewriting;
  private final Precision precision;
  private final @Nullable Path profile;
  private final @Nullable Path scratch;
  private final Executor executor;
  private final Placement placement;
  private final int callers;

  RuntimeOptions(
      int threads,
      Optimization optimization,
      boolean rewriting,
      Precision precision,
      @Nullable Path profile,
      @Nullable Path scratch,
      Executor executor,
      Placement placement,
      int callers) {
    if (threads < 1) {
      throw new IllegalArgumentException("At least one thread is needed, got " + threads + ".");
    }
    if (callers < 1) {
      throw new IllegalArgumentException("At least one caller is needed, got " + callers + ".");
    }
    this.threads = threads;
    this.optimization = optimization;
    this.rewriting = rewriting;
    this.precision = precision;
    this.profile = profile;
    this.scratch = scratch;
    this.executor = executor;
    this.placement = placement;
    this.callers = callers;
  }

  /**
   * {@return threads that compute a run, each rows of its own, or all one operator together; by
   * default as many as the machine has processors}
   */
  public int threads() {
    return threads;
  }

  /** {@return how far the graph is rewritten; by default {@link Optimization#ALL}} */
  public Optimization optimization() {
    return optimization;
  }

  /**
   * {@return whether a graph is brought into the form that runs fastest before ONNX Runtime has it;
   * by default it is, and results are the same up to rounding. Where numbers are infinite or NaN,
   * more of the same image may become so}
   */
  public boolean rewriting() {
    return rewriting;
  }

  /** {@return the numbers that graphs compute with; by default {@link Precision#FLOAT32}} */
  public Precision precision() {
    return precision;
  }

  /**
   * {@return the beginning of the path of a file that ONNX Runtime writes each operator's time to
   * when the compiled graph is closed (it adds a date and {@code .json}); null for none}
   */
  public @Nullable Path profile() {
    return profile;
  }

  /**
   * {@return a folder for a file with the weights while a graph is compiled, which then needs
   * memory for them twice, not three times; null, the default, to keep them in memory}
   */
  public @Nullable Path scratch() {
    return scratch;
  }

  /**
   * {@return where the threads come from that help the calling one, {@code threads} - 1 at most; by
   * default a pool of all models with as many threads as the machine has processors}
   */
  public Executor executor() {
    return executor;
  }

  /** {@return the devices that compute; by default the processors} */
  public Placement placement() {
    return placement;
  }

  /**
   * {@return how many calls compute at once with as many threads each; by default one, and the
   * threads are those of all calls together}
   */
  public int callers() {
    return callers;
  }

  /** {@return every option's default} */
  public static RuntimeOptions defaults() {
    return new RuntimeOptions(
        Runtime.getRuntime().availableProcessors(),
        Optimization.ALL,
        /* rewriting= */ true,
        Precision.FLOAT32,
        /* profile= */ null,
        /* scratch= */ null,
        Helpers.SHARED,
        Placement.CPU,
        /* callers= */ 1);
  }

  /**
   * {@return a copy with another number of threads}
   *
   * @param number threads that work on one operator together, at least one
   */
  public RuntimeOptions withThreads(int number) {
    return new RuntimeOptions(
        number, optimization, rewriting, precision, profile, scratch, executor, placement, callers);
  }

  /**
   * {@return a copy with another level of optimization}
   *
   * @param level how far the graph is rewritten
   */
  public RuntimeOptions withOptimization(Optimization level) {
    return new RuntimeOptions(
        threads, level, rewriting, precision, profile, scratch, executor, placement, callers);
  }

  /**
   * {@return a copy that rewrites graphs, or leaves them as they are}
   *
   * @param rewritten whether graphs are brought into the form that runs fastest
   */
  public RuntimeOptions withRewriting(boolean rewritten) {
    return new RuntimeOptions(
        threads,
        optimization,
        rewritten,
        precision,
        profile,
        scratch,
        executor,
        placement,
        callers);
  }

  /**
   * {@return a copy that computes in another precision}
   *
   * @param numbers the numbers that graphs compute with
   */
  public RuntimeOptions withPrecision(Precision numbers) {
    return new RuntimeOptions(
        threads, optimization, rewriting, numbers, profile, scratch, executor, placement, callers);
  }

  /**
   * {@return a copy that writes each operator's time to a file}
   *
   * @param path the beginning of the file's path
   */
  public RuntimeOptions withProfile(@Nullable Path path) {
    return new RuntimeOptions(
        threads, optimization, rewriting, precision, path, scratch, executor, placement, callers);
  }

  /**
   * {@return a copy that writes weights to a file while a graph is compiled, or does not}
   *
   * <p>The file is as large as the weights, those of a gradient's backward pass included, and is
   * deleted as soon as the graph is compiled.
   *
   * @param folder a folder that is there and has room for them; null to keep them in memory
   */
  public RuntimeOptions withScratch(@Nullable Path folder) {
    return new RuntimeOptions(
        threads, optimization, rewriting, precision, profile, folder, executor, placement, callers);
  }

  /**
   * {@return a copy whose helping threads come from elsewhere}
   *
   * <p>The calling thread works, too, and does all by itself where no helper comes. So the executor
   * may be bounded, busy, or the one that the caller runs on. What it is given ends by itself.
   *
   * @param helpers where the threads come from
   */
  public RuntimeOptions withExecutor(Executor helpers) {
    return new RuntimeOptions(
        threads, optimization, rewriting, precision, profile, scratch, helpers, placement, callers);
  }

  /**
   * {@return a copy that computes on other devices}
   *
   * <p>With several, a batch is divided by their measured speed; results are in the order of the
   * inputs. Each has a copy of the weights. The processors may be named several times, and then
   * share the threads. A device that fails hands its rows to the others, and is left out from then
   * on. One that is not there fails as soon as a model is to be run with these options.
   *
   * @param devices at least one; only {@link Device#cpu} may be named several times, and {@link
   *     Device#auto} stands alone
   * @throws IllegalArgumentException if they are not such
   */
  public RuntimeOptions withDevices(Device... devices) {
    return with(new Placement(List.of(devices), placement.tf32(), placement.notices()));
  }

  /**
   * {@return a copy that lets CUDA round, or not}
   *
   * @param allowed whether the factors of products may be rounded to ten binary digits after the
   *     point (TF32): faster on GPUs since Ampere, and maps differ by about a thousandth
   */
  public RuntimeOptions withTf32(boolean allowed) {
    return with(new Placement(placement.devices(), allowed, placement.notices()));
  }

  /**
   * {@return a copy that says elsewhere what happens to devices}
   *
   * @param listener is given a sentence, on any thread
   */
  public RuntimeOptions withNotices(Consumer<String> listener) {
    return with(new Placement(placement.devices(), placement.tf32(), listener));
  }

  /**
   * {@return a copy for so many calls at once, each with threads of its own}
   *
   * <p>For programs whose own scheduler counts the processors: a call takes {@code threads} of
   * them, and does not wait for the others.
   *
   * @param number how many calls compute at once, at least one
   */
  public RuntimeOptions withCallers(int number) {
    return new RuntimeOptions(
        threads, optimization, rewriting, precision, profile, scratch, executor, placement, number);
  }

  private RuntimeOptions with(Placement other) {
    return new RuntimeOptions(
        threads, optimization, rewriting, precision, profile, scratch, executor, other, callers);
  }

  @Override
  public String toString() {
    return "%d threads, %s, %s".formatted(threads, precision, placement);
  }
}
