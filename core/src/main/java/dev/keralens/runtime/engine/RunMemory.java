package dev.keralens.runtime.engine;

import dev.keralens.graph.Graph;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.runtime.GraphExecutionException;
import dev.keralens.text.Printable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The least memory that runs of a graph take at once: its constants, and the values that are alive
 * at its widest place.
 *
 * <p>It counts less than a run takes: an operator is thought to write its output over an input that
 * nobody reads any more, and operators that only name the axes anew take nothing. So what is
 * refused here cannot run; without it, the system would end the process in the middle of its work.
 *
 * @param weights the bytes of the constants
 * @param fixed the bytes of the values at the widest place that do not depend on the batch
 * @param row the bytes of the others, for one row
 * @param widest the largest value there
 */
record RunMemory(long weights, double fixed, double row, Value widest) {
  /** Below this nothing is looked up: every machine has so much. */
  private static final double SMALL = 1L << 28;

  private static final Set<Op> VIEWS =
      Set.of(Op.RESHAPE, Op.IDENTITY, Op.SQUEEZE, Op.UNSQUEEZE, Op.FLATTEN);

  /** What is alive while the nodes are computed in their order. */
  private static final class Alive {
    private final Set<Value> values = new HashSet<>();
    private double fixed;
    private double row;

    void add(Value value) {
      if (values.add(value)) {
        count(value, 1);
      }
    }

    void remove(Value value) {
      if (values.remove(value)) {
        count(value, -1);
      }
    }

    private void count(Value value, int sign) {
      if (value.shape().hasBatch()) {
        row += sign * bytes(value);
      } else {
        fixed += sign * bytes(value);
      }
    }
  }

  /**
   * {@return the memory of a graph}
   *
   * @param graph the graph as it is run
   */
  static RunMemory of(Graph graph) {
    long weights =
        graph.constants().keySet().stream().mapToLong(value -> (long) bytes(value)).sum();
    Map<Value, Integer> readers = new HashMap<>();
    graph.nodes().forEach(node -> node.inputs().forEach(in -> readers.merge(in, 1, Integer::sum)));
    graph.outputs().forEach(output -> readers.merge(output, 1, Integer::sum));
    Alive alive = new Alive();
    graph.inputs().forEach(alive::add);
    Value first = graph.inputs().isEmpty() ? graph.outputs().get(0) : graph.inputs().get(0);
    RunMemory most = new RunMemory(weights, alive.fixed, alive.row, first);
    for (Node node : graph.nodes()) {
      for (Value input : node.inputs()) {
        if (input != null && readers.merge(input, -1, Integer::sum) == 0) {
          alive.remove(input);
        }
      }
      if (VIEWS.contains(node.op())) {
        continue;
      }
      node.outputs().stream().filter(readers::containsKey).forEach(alive::add);
      if (alive.fixed + alive.row > most.fixed + most.row) {
        most = new RunMemory(weights, alive.fixed, alive.row, largest(node, most.widest));
      }
    }
    return most;
  }

  private static Value largest(Node node, Value otherwise) {
    Value output = node.output();
    return bytes(output) * 4 >= bytes(otherwise) ? output : otherwise;
  }

  private static double bytes(Value value) {
    double bytes = value.type().bytes();
    for (int size : value.shape().sizes()) {
      bytes *= Math.abs((double) size);
    }
    return bytes;
  }

  /**
   * Refuses a run that does not fit into memory.
   *
   * @param rows how many rows one run has
   * @param runs how many run at once
   * @throws GraphExecutionException if it does not fit
   */
  void check(int rows, int runs) {
    if (needed(rows, runs) >= SMALL) { // asking the machine takes longer than a small run
      check(rows, runs, MachineMemory.current());
    }
  }

  private double needed(int rows, int runs) {
    return weights + runs * (fixed + row * rows);
  }

  /** As above, with what the machine has. */
  void check(int rows, int runs, MachineMemory machine) {
    double needed = needed(rows, runs);
    if (needed < SMALL) {
      return;
    }
    MachineMemory.Limit limit = machine.limit();
    if (needed > limit.bytes()) {
      throw new GraphExecutionException(
          "%s needs at least %s of memory for %s: '%s' of shape %s is %s. %s allows %s. %s%s"
              .formatted(
                  "The network",
                  size(needed),
                  rows * runs == 1 ? "an image" : rows * runs + " rows at once",
                  Printable.name(widest.name()),
                  shape(rows),
                  size(bytes(widest) * (widest.shape().hasBatch() ? rows : 1)),
                  limit.what(),
                  size((double) limit.bytes()),
                  rows * runs == 1
                      ? "Take smaller images (--size)"
                      : "Take fewer at once (--batch-size, --threads) or smaller images (--size)",
                  ", or run it all the same: -Dkeralens.memory=unchecked."));
    }
  }

  private Shape shape(int rows) {
    return Shape.of(widest.shape().forBatch(rows));
  }

  static String size(double bytes) {
    return bytes < 1e9
        ? String.format(Locale.ROOT, "%.0f MB", bytes / 1e6)
        : String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
  }
}
