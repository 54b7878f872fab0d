package dev.keralens.runtime.engine;

import dev.keralens.file.LateReads;
import dev.keralens.graph.Graph;
import dev.keralens.runtime.Device;
import dev.keralens.runtime.GraphExecutionException;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One graph on several devices: each batch is divided by their measured speed, and what they give
 * is put together in its order. Each device is asked by its own thread only.
 */
final class DeviceRunners implements GraphRunner {
  /*
   * A device that fails is set aside, and its rows are divided among the others. When the last one
   * has failed, so has the call; the next call tries all of them again, since what failed may have
   * been this batch, as by its size.
   */

  /** A graph on a device. */
  record Lane(Device device, GraphRunner runner) {}

  /** Rows of a batch, from one to before another. */
  private record Span(int from, int to) {
    int rows() {
      return to - from;
    }
  }

  /** Rows that a device is at work on. */
  private record Order(int lane, Span span, FutureTask<List<Tensor>> work) {}

  private final Graph graph;
  private final List<Lane> lanes;
  private final List<Executor> threads;
  private final Consumer<String> notices;
  private final Speeds speeds;
  private final boolean divisible;
  private final AtomicIntegerArray failed;

  /**
   * Runners of a graph.
   *
   * @param graph the graph
   * @param lanes the graph on each device, to be closed with this
   * @param notices is told of a device that fails
   */
  DeviceRunners(Graph graph, List<Lane> lanes, Consumer<String> notices) {
    this.graph = graph;
    this.lanes = List.copyOf(lanes);
    this.threads = threads(lanes.stream().map(Lane::device).toList());
    this.notices = notices;
    this.speeds = new Speeds(lanes.size());
    this.divisible = Batching.of(graph).rows() > 0;
    this.failed = new AtomicIntegerArray(lanes.size());
  }

  private static List<Executor> threads(List<Device> devices) {
    List<Executor> threads = new ArrayList<>();
    for (int i = 0; i < devices.size(); i++) {
      Device device = devices.get(i);
      long before = devices.subList(0, i).stream().filter(device::equals).count();
      threads.add(DeviceThreads.of(device, (int) before));
    }
    return threads;
  }

  @Override
  public void prepare(int batch) {
    spread(
        List.of(new Span(0, batch)),
        (lane, span) -> {
          lane.runner().prepare(span.rows());
          return List.of();
        });
  }

  @Override
  public List<Tensor> run(List<Tensor> tensors, int batch) {
    Map<Integer, List<Tensor>> parts =
        spread(
            List.of(new Span(0, batch)),
            (lane, span) ->
                lane.runner()
                    .run(
                        BatchRows.of(graph.inputs(), tensors, span.from(), span.to()),
                        span.rows()));
    return BatchRows.joined(graph.outputs(), List.copyOf(parts.values()));
  }

  /** What a device does with some rows. */
  @FunctionalInterface
  private interface Work {
    List<Tensor> on(Lane lane, Span span);
  }

  /** What the devices give, by the first row. */
  private Map<Integer, List<Tensor>> spread(List<Span> all, Work work) {
    Map<Integer, List<Tensor>> done = new TreeMap<>();
    boolean[] able = able();
    List<Span> left = all;
    while (!left.isEmpty()) {
      AtomicBoolean stopped = new AtomicBoolean();
      List<Order> orders = orders(left, able, work, stopped);
      orders.forEach(order -> threads.get(order.lane()).execute(order.work()));
      left = new ArrayList<>();
      GraphExecutionException failure = null;
      Throwable end = null;
      for (Order order : orders) {
        Throwable thrown = await(order, done, stopped);
        if (thrown instanceof GraphExecutionException e) {
          left.add(order.span());
          able[order.lane()] = false;
          failed.set(order.lane(), 1);
          failure = e;
          report(order, able, e);
        } else if (thrown != null) {
          stopped.set(true);
          end = end == null ? thrown : end;
        }
      }
      if (end instanceof Error error) {
        throw error;
      } else if (end != null) {
        throw end instanceof RuntimeException known ? known : new IllegalStateException(end);
      }
      if (failure != null && none(able)) {
        IntStream.range(0, lanes.size()).forEach(lane -> failed.set(lane, 0));
        throw failure;
      }
    }
    return done;
  }

  private void report(Order order, boolean[] able, GraphExecutionException e) {
    if (none(able)) {
      return; // then it is thrown
    }
    String others =
        IntStream.range(0, lanes.size())
            .filter(lane -> able[lane])
            .mapToObj(lane -> lanes.get(lane).device().toString())
            .collect(Collectors.joining(", "));
    notices.accept(
        "%s has failed and is left out; %s does its work. %s"
            .formatted(lanes.get(order.lane()).device(), others, e.getMessage()));
  }

  private boolean[] able() {
    boolean[] able = new boolean[lanes.size()];
    for (int i = 0; i < able.length; i++) {
      able[i] = failed.get(i) == 0;
    }
    if (none(able)) { // another call is about to try all of them again
      Arrays.fill(able, true);
    }
    return able;
  }

  private static boolean none(boolean[] able) {
    for (boolean one : able) {
      if (one) {
        return false;
      }
    }
    return true;
  }

  private List<Order> orders(List<Span> spans, boolean[] able, Work work, AtomicBoolean stopped) {
    List<Order> orders = new ArrayList<>();
    for (Span span : spans) {
      int[] shares = divisible ? speeds.shares(able, span.rows()) : whole(able, span.rows());
      int from = span.from();
      for (int lane = 0; lane < shares.length; lane++) {
        if (shares[lane] > 0) {
          orders.add(order(lane, new Span(from, from + shares[lane]), work, stopped));
          from += shares[lane];
        }
      }
    }
    return orders;
  }

  /** All rows for the fastest device: those of this graph cannot be computed apart. */
  private int[] whole(boolean[] able, int rows) {
    int[] shares = speeds.shares(able, 1);
    for (int lane = 0; lane < shares.length; lane++) {
      shares[lane] *= rows;
    }
    return shares;
  }

  private Order order(int lane, Span span, Work work, AtomicBoolean stopped) {
    LateReads reads = LateReads.current();
    return new Order(
        lane,
        span,
        new FutureTask<>(
            () -> {
              if (stopped.get()) {
                throw new CancellationException("The work was cancelled.");
              }
              List<List<Tensor>> result = new ArrayList<>();
              LateReads.help(reads, () -> result.add(timed(lane, span, work)));
              return result.get(0);
            }));
  }

  private List<Tensor> timed(int lane, Span span, Work work) {
    lanes.get(lane).runner().prepare(span.rows());
    long start = System.nanoTime();
    List<Tensor> result = work.on(lanes.get(lane), span);
    if (!result.isEmpty()) {
      speeds.measured(lane, span.rows(), System.nanoTime() - start);
    }
    return result;
  }

  /**
   * Waits for a device, also where this thread is interrupted: the device reads what the caller
   * has.
   *
   * @param done takes what it gave
   * @return how it failed; null if it did not
   */
  private static @Nullable Throwable await(
      Order order, Map<Integer, List<Tensor>> done, AtomicBoolean stopped) {
    InterruptedException interrupted = null;
    Throwable thrown = null;
    while (true) {
      try {
        done.put(order.span().from(), order.work().get());
        break;
      } catch (InterruptedException e) {
        stopped.set(true);
        interrupted = e;
      } catch (ExecutionException e) {
        thrown = e.getCause();
        break;
      }
    }
    return interrupted == null ? thrown : Interrupts.cancelled(interrupted);
  }

  @Override
  public void close() {
    lanes.forEach(lane -> lane.runner().close());
  }
}
