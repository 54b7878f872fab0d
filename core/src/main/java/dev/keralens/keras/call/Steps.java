package dev.keralens.keras.call;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The steps of time that a layer such as {@code TimeDistributed} makes rows of the batch. The
 * layers inside compute (batch * time, ...); what they give is shown as (batch, time, ...), with
 * the steps as the first spatial axis.
 *
 * <p>What is shown lies on the way of what is computed from it, so that it can be explained: the
 * rows are brought to it and back. Rewriting leaves out what nobody asks for.
 */
public final class Steps {
  private final GraphBuilder graph;
  private final Masks masks;
  private final Deque<Integer> times = new ArrayDeque<>();
  private final Map<Value, KerasTensor> shown = new HashMap<>();

  public Steps(GraphBuilder graph, Masks masks) {
    this.graph = graph;
    this.masks = masks;
  }

  /**
   * Begins the layers inside.
   *
   * @param time the number of steps
   * @param rows what they are called with
   * @param whole what the rows were
   */
  public void begin(int time, KerasTensor rows, KerasTensor whole) {
    shown.putIfAbsent(rows.value(), shown(whole));
    times.addLast(time);
  }

  /** Ends the layers inside. */
  public void end() {
    times.removeLast();
  }

  /** {@return what users see of a tensor} */
  public KerasTensor shown(KerasTensor tensor) {
    return shown.getOrDefault(tensor.value(), tensor);
  }

  /** {@return what users see of tensors} */
  public List<KerasTensor> shown(List<KerasTensor> tensors) {
    return tensors.stream().map(this::shown).toList();
  }

  /** {@return what a layer gives, computed from what is shown of it} */
  public KerasTensor through(KerasTensor given) {
    Value rows = given.value();
    int count = times.stream().reduce(1, Math::multiplyExact);
    if (count == 1
        || shown.containsKey(rows)
        || rows.rank() == 0
        || rows.shape().size(0) != Shape.BATCH * count) {
      return given;
    }
    int[] sizes = rows.shape().sizes();
    int[] steps = times.stream().mapToInt(Integer::intValue).toArray();
    int[] apart = new int[sizes.length + steps.length];
    apart[0] = Shape.BATCH;
    System.arraycopy(steps, 0, apart, 1, steps.length);
    System.arraycopy(sizes, 1, apart, steps.length + 1, sizes.length - 1);
    Value whole = graph.reshape(rows, Shape.of(apart));
    Value back = whole;
    if (given.layout().isChannelsFirst()) {
      int[] order = channelsFirst(apart.length, steps.length + 1);
      whole = graph.transpose(whole, order);
      graph.keep(whole);
      back = graph.transpose(whole, inverse(order));
    }
    KerasTensor result = new KerasTensor(graph.reshape(back, rows.shape()), given.layout());
    boolean hasPlaces = rows.rank() > 2;
    shown.put(result.value(), new KerasTensor(whole, given.layout(), hasPlaces ? steps.length : 0));
    masks.set(result, masks.of(given));
    return result;
  }

  /** The order of axes that brings the channels, which follow the steps, to axis 1. */
  private static int[] channelsFirst(int rank, int channels) {
    return IntStream.range(0, rank)
        .map(axis -> axis == 0 || axis > channels ? axis : axis == 1 ? channels : axis - 1)
        .toArray();
  }

  private static int[] inverse(int[] order) {
    int[] back = new int[order.length];
    for (int axis = 0; axis < back.length; axis++) {
      back[order[axis]] = axis;
    }
    return back;
  }
}
