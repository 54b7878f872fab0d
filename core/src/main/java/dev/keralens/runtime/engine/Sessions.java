package dev.keralens.runtime.engine;

import dev.keralens.file.LateReads;
import dev.keralens.graph.Graph;
import dev.keralens.graph.Value;
import dev.keralens.onnx.write.OnnxWriter;
import dev.keralens.rewrite.Rewriter;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.tensor.Tensor;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The native part of a compiled graph: the sessions that run it. Holds no reference to the compiled
 * graph itself.
 */
final class Sessions implements GraphRunner {
  /*
   * The threads can work on a batch in two ways: together on one operator of one run, or each on
   * rows of its own. The second is faster, for nothing waits and no operator is left to one thread,
   * and needs the memory of few rows at a time, whatever the batch; but a single row gives work to
   * one thread only. How many threads a session uses is fixed when it is made, so there is one for
   * each way, made when it is needed. Each has its own copy of the weights, and making one takes
   * as long as many runs: a few runs that would rather have the other one do with what is there,
   * and so do those that come while the other one is made.
   */
  private static final int RUNS_WITH_THE_OTHER = 3;

  /** A session, and whether each thread runs parts of its own in it. */
  private record Way(Session session, boolean apart, RunMemory memory) {}

  /** Where a session is once it is made, and how many runs would have liked to find one. */
  private static final class Slot {
    final AtomicInteger missed = new AtomicInteger();
    volatile @Nullable Way way;
  }

  /*
   * A session that is freed while it runs is a crash. Runs hold the lock's reading side, of which
   * there may be any number at once; closing takes the writing side and so waits for them.
   */
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private final Graph graph;
  private final Graph rewritable;
  private final UnaryOperator<Graph> afterwards;
  private final RuntimeOptions options;
  private final Batching batching;

  /**
   * As many as there are threads of all callers: rows that several callers want at once wait for
   * their turn.
   */
  private final Semaphore turns;

  private final Slot together = new Slot();
  private final Slot apart = new Slot();
  private final Lock compiling = new ReentrantLock();
  private boolean closed;

  /**
   * Sessions of a graph.
   *
   * @param graph the graph
   * @param rewritable what the rewritings are applied to
   * @param afterwards what is then made of it, which computes the same as the graph
   * @param options how to compile and run it
   */
  Sessions(Graph graph, Graph rewritable, UnaryOperator<Graph> afterwards, RuntimeOptions options) {
    this.graph = graph;
    this.rewritable = rewritable;
    this.afterwards = afterwards;
    this.options = options;
    this.batching = Batching.of(graph);
    this.turns =
        new Semaphore(
            (int) Math.min(Integer.MAX_VALUE, (long) options.threads() * options.callers()), true);
  }

  @Override
  public void prepare(int batch) {
    lock.readLock().lock();
    try {
      way(bounds(batch));
    } finally {
      lock.readLock().unlock();
    }
  }

  @Override
  public List<Tensor> run(List<Tensor> tensors, int batch) {
    lock.readLock().lock();
    try {
      int[] parts = bounds(batch);
      Way way = way(parts);
      int[] bounds = way.apart() ? parts : new int[] {0, batch};
      if (options.placement().devices().get(0).isCpu()) {
        way.memory().check(largest(bounds), Math.min(bounds.length - 1, options.threads()));
      }
      return BatchRows.joined(
          graph.outputs(),
          Parts.run(
              bounds.length - 1,
              options.threads(),
              options.executor(),
              part ->
                  part(
                      way, BatchRows.of(graph.inputs(), tensors, bounds[part], bounds[part + 1]))));
    } finally {
      lock.readLock().unlock();
    }
  }

  private static int largest(int[] bounds) {
    int most = 1;
    for (int part = 1; part < bounds.length; part++) {
      most = Math.max(most, bounds[part] - bounds[part - 1]);
    }
    return most;
  }

  private List<Tensor> part(Way way, List<Tensor> tensors) {
    if (!way.apart()) {
      return way.session().run(tensors, outputs());
    }
    turns.acquireUninterruptibly();
    try {
      return way.session().run(tensors, outputs());
    } finally {
      turns.release();
    }
  }

  private List<Value> outputs() {
    return graph.outputs();
  }

  /** The parts of a batch; threads are the processors' only. */
  private int[] bounds(int batch) {
    return options.placement().devices().get(0).isCpu()
        ? batching.bounds(batch, options.threads())
        : new int[] {0, batch};
  }

  /** The session for these parts, or the other one; called under the lock's reading side. */
  private Way way(int[] bounds) {
    if (closed) {
      throw new IllegalStateException("The compiled graph is closed.");
    }
    boolean byRows = bounds.length > options.threads();
    Slot wanted = byRows ? apart : together;
    Slot other = byRows ? together : apart;
    Way ready = wanted.way;
    if (ready != null) {
      return ready;
    }
    Way instead = other.way;
    if (instead == null) {
      compiling.lock();
    } else if (wanted.missed.incrementAndGet() <= RUNS_WITH_THE_OTHER || !compiling.tryLock()) {
      return instead;
    }
    try {
      ready = wanted.way;
      if (ready == null && instead == null) {
        ready = other.way; // made while this waited
      }
      if (ready == null) {
        ready = compile(byRows ? options.withThreads(1) : options, byRows);
        wanted.way = ready;
      }
      return ready;
    } finally {
      compiling.unlock();
    }
  }

  private Way compile(RuntimeOptions with, boolean byRows) {
    return LateReads.together(() -> compileNow(with, byRows), way -> way.session().close());
  }

  private Way compileNow(RuntimeOptions with, boolean byRows) {
    Graph rewritten =
        switch (with.precision()) {
          case FLOAT32 ->
              with.rewriting()
                      && with.placement()
                          .devices()
                          .get(0)
                          .isCpu() // the rewritings were measured there
                  ? Rewriter.rewrite(rewritable, with.threads())
                  : rewritable;
          case FLOAT64 -> Rewriter.toFloat64(rewritable);
        };
    Graph whole = afterwards.apply(rewritten);
    RunMemory memory = RunMemory.of(whole);
    if (with.placement().devices().get(0).isCpu()) {
      memory.check(1, 1);
    }
    Session session = Session.compile(OnnxWriter.toModel(whole), with, options.threads());
    return new Way(session, byRows, memory);
  }

  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        for (Slot slot : List.of(together, apart)) {
          Way way = slot.way;
          if (way != null) {
            way.session().close();
          }
        }
      }
    } finally {
      lock.writeLock().unlock();
    }
  }
}
