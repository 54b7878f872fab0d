package dev.keralens.keras.function;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.Argument;
import dev.keralens.keras.call.Argument.Entries;
import dev.keralens.keras.call.Argument.Items;
import dev.keralens.keras.call.Argument.Literal;
import dev.keralens.keras.call.Argument.Single;
import dev.keralens.keras.call.Axes;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Functions that pick elements by their places, or put others around them. */
final class IndexFunctions {
  private IndexFunctions() {}

  /** x[...], with numbers, slices, an ellipsis and new axes. */
  static List<KerasTensor> getItem(Operands operands) {
    Argument index = operands.find(1, "slice_spec", "key");
    List<Argument> items =
        index instanceof Items list
            ? list.items()
            : List.of(index == null ? new Literal(Argument.NONE) : index);
    KerasTensor x = operands.rawTensor(0, "x", "tensor");
    int[] known = operands.layer().known(x);
    return List.of(
        known == null ? new Picker(operands).pick(x, items) : known(operands, known, items));
  }

  /** Part of a shape. */
  private static KerasTensor known(Operands operands, int[] sizes, List<Argument> items) {
    if (items.size() != 1) {
      throw operands.layer().unsupported("a shape is indexed by several axes.");
    }
    Argument item = items.get(0);
    int[] index =
        Operands.isSlice(item)
            ? Bounds.of(operands, item).places(sizes.length)
            : new int[] {Axes.fromZero(number(operands, item), sizes.length)};
    int[] part = Arrays.stream(index).map(i -> sizes[i]).toArray();
    Value value =
        Operands.isSlice(item)
            ? operands.graph().ints(part)
            : operands.graph().constant(Tensor.of(new long[] {part[0]}));
    KerasTensor result = KerasTensor.plain(value);
    operands.layer().setKnown(result, part);
    return result;
  }

  private static int number(Operands operands, Argument item) {
    if (item instanceof Literal literal && literal.json().isIntegralNumber()) {
      return literal.json().intValue();
    }
    if (item instanceof Single single) {
      int[] known = operands.layer().known(single.tensor());
      if (known != null && known.length == 1) {
        return known[0];
      }
    }
    throw operands.layer().unsupported("an index is neither a number, a slice nor a new axis.");
  }

  /** Start, end and step of a slice; null where it is left out. */
  private record Bounds(@Nullable Integer start, @Nullable Integer stop, int step) {
    static Bounds of(Operands operands, Argument slice) {
      Integer step = bound(operands, slice, "step");
      return new Bounds(
          bound(operands, slice, "start"), bound(operands, slice, "stop"), step == null ? 1 : step);
    }

    private static @Nullable Integer bound(Operands operands, Argument slice, String key) {
      Argument bound =
          slice instanceof Entries entries
              ? entries.entries().get(key)
              : new Literal(((Literal) slice).json().path("config").path(key));
      if (bound == null
          || (bound instanceof Literal literal
              && (literal.json().isNull() || literal.json().isMissingNode()))) {
        return null;
      }
      return number(operands, bound);
    }

    boolean isAll() {
      return start == null && stop == null && step == 1;
    }

    /** The places that Python's slice picks among so many. */
    int[] places(int size) {
      if (step == 0) {
        throw new IllegalArgumentException("a slice has a step of 0.");
      }
      int low = step > 0 ? 0 : -1;
      int high = step > 0 ? size : size - 1;
      int from = start == null ? (step > 0 ? low : high) : clamp(start, size, low, high);
      int to = stop == null ? (step > 0 ? high : low) : clamp(stop, size, low, high);
      int count = Math.max(0, (to - from + step - Integer.signum(step)) / step);
      return IntStream.range(0, count).map(i -> from + i * step).toArray();
    }

    private static int clamp(int value, int size, int low, int high) {
      int place = value < 0 ? value + size : value;
      return Math.max(low, Math.min(high, place));
    }
  }

  /** Applies an index to a tensor, axis by axis. */
  private static final class Picker {
    private final Operands operands;
    private final GraphBuilder graph;
    private final List<Integer> dropped = new ArrayList<>();
    private final List<Integer> added = new ArrayList<>();

    Picker(Operands operands) {
      this.operands = operands;
      this.graph = operands.graph();
    }

    KerasTensor pick(KerasTensor x, List<Argument> items) {
      operands.layer().refuseBatchSize(x);
      Value value = operands.plain(x);
      long named = items.stream().filter(item -> !isNewAxis(item) && !isEllipsis(item)).count();
      int axis = 0;
      int position = 0;
      for (Argument item : items) {
        if (isNewAxis(item)) {
          added.add(position++);
        } else if (isEllipsis(item)) {
          int skipped = (int) (value.rank() - named);
          axis += skipped;
          position += skipped;
        } else if (Operands.isSlice(item)) {
          value = slice(value, axis++, Bounds.of(operands, item));
          position++;
        } else {
          int place = Axes.fromZero(number(operands, item), size(value, axis));
          value = graph.slice(value, axes(axis), axes(place), axes(place + 1));
          dropped.add(axis++);
        }
      }
      if (!dropped.isEmpty()) {
        value = graph.squeeze(value, ints(dropped));
      }
      return KerasTensor.plain(added.isEmpty() ? value : graph.unsqueeze(value, ints(added)));
    }

    private int size(Value value, int axis) {
      if (axis >= value.rank()) {
        throw new IllegalArgumentException(
            "the index has more axes than %s.".formatted(value.shape()));
      }
      int size = value.shape().size(axis);
      if (size < 0) {
        throw new IllegalArgumentException("a row of the batch is picked.");
      }
      return size;
    }

    private Value slice(Value value, int axis, Bounds bounds) {
      if (bounds.isAll()) {
        return value;
      }
      int[] places = bounds.places(size(value, axis));
      if (places.length == 0) {
        throw new IllegalArgumentException("a slice picks nothing.");
      }
      return bounds.step() == 1
          ? graph.slice(value, axes(axis), axes(places[0]), axes(places[0] + places.length))
          : graph.node(Op.GATHER, Attributes.of("axis", axis), value, graph.ints(places));
    }

    private static int[] axes(int value) {
      return new int[] {value};
    }

    private static int[] ints(List<Integer> values) {
      return values.stream().mapToInt(Integer::intValue).toArray();
    }

    private static boolean isNewAxis(Argument item) {
      return item instanceof Literal literal && literal.json().isNull();
    }

    private static boolean isEllipsis(Argument item) {
      return item instanceof Literal literal
          && literal.json().path("class_name").asText().equals("__ellipsis__");
    }
  }

  /** Elements of an axis by their places, which may be counted from the end. */
  static List<KerasTensor> take(Operands operands) {
    GraphBuilder graph = operands.graph();
    Value value = operands.plain(operands.tensor(0, "x", "params"));
    int axis = Axes.fromZero(operands.integer(0, 2, "axis"), value.rank());
    Argument index = operands.find(1, "indices");
    if (index == null || operands.integer(0, Operands.NAMED, "batch_dims") != 0) {
      throw operands.layer().unsupported("batch_dims or missing indices are not supported.");
    }
    Value places;
    if (index instanceof Single single) {
      places = graph.cast(operands.plain(single.tensor()), ElementType.INT64);
    } else {
      Tensor array = operands.array(index, "indices");
      int size = value.shape().size(axis);
      long[] wrapped = Arrays.stream(array.toLongArray()).map(i -> i < 0 ? i + size : i).toArray();
      places = graph.constant(Tensor.of(wrapped, array.shape()));
    }
    return List.of(
        KerasTensor.plain(graph.node(Op.GATHER, Attributes.of("axis", axis), value, places)));
  }

  static List<KerasTensor> takeAlongAxis(Operands operands) {
    GraphBuilder graph = operands.graph();
    Value value = operands.plain(operands.tensor(0, "x"));
    Value index = graph.cast(operands.plain(operands.tensor(1, "indices")), ElementType.INT64);
    int axis = Axes.fromZero(operands.integer(-1, 2, "axis"), value.rank());
    return List.of(
        KerasTensor.plain(
            graph.node(Op.GATHER_ELEMENTS, Attributes.of("axis", axis), value, index)));
  }

  /** The first tensor with a block replaced by the second. */
  static List<KerasTensor> sliceUpdate(Operands operands) {
    GraphBuilder graph = operands.graph();
    Value x = operands.plain(operands.tensor(0, "inputs"));
    int[] starts = operands.integers(1, "start_indices");
    Value block = operands.plain(operands.tensor(2, "updates"));
    int[] sizes = x.shape().sizes();
    int[] after = new int[sizes.length];
    int[] mask = sizes.clone();
    for (int axis = 0; axis < sizes.length; axis++) {
      after[axis] = sizes[axis] - block.shape().size(axis) - starts[axis];
      if (sizes[axis] < 0) {
        mask[axis] = 1;
        if (starts[axis] != 0 || after[axis] != 0) {
          throw new IllegalArgumentException("rows of the batch are replaced.");
        }
      }
    }
    float[] inside = new float[Math.toIntExact(Tensor.elements(mask))];
    for (int i = 0; i < inside.length; i++) {
      int rest = i;
      boolean within = true;
      for (int axis = mask.length - 1; axis >= 0; axis--) {
        int place = rest % mask[axis];
        rest /= mask[axis];
        within &= sizes[axis] < 0 || (place >= starts[axis] && place < sizes[axis] - after[axis]);
      }
      inside[i] = within ? 1 : 0;
    }
    Value replaced = graph.cast(graph.constant(Tensor.of(inside, mask)), ElementType.BOOL);
    return List.of(KerasTensor.plain(graph.where(replaced, graph.pad(block, starts, after), x)));
  }

  /** A block: where it begins, and its sizes, -1 for the rest. The batch is kept whole. */
  static List<KerasTensor> slice(Operands operands) {
    Value value = operands.plain(operands.tensor(0, "inputs", "x", "input_"));
    int[] starts = operands.integers(1, "start_indices", "begin");
    int[] sizes = operands.integers(2, "shape", "size");
    if (starts.length > 0 && value.shape().size(0) < 0 && starts[0] != 0) {
      throw new IllegalArgumentException("rows of the batch are cut off.");
    }
    int[] axes = IntStream.range(0, value.rank()).filter(a -> value.shape().size(a) > 0).toArray();
    int[] from = Arrays.stream(axes).map(axis -> starts[axis]).toArray();
    int[] to =
        Arrays.stream(axes)
            .map(a -> sizes[a] < 0 ? value.shape().size(a) : starts[a] + sizes[a])
            .toArray();
    return List.of(KerasTensor.plain(operands.graph().slice(value, axes, from, to)));
  }

  /** Around each axis: a number, or the elements mirrored with or without the one at the border. */
  static List<KerasTensor> pad(Operands operands) {
    KerasTensor x = operands.tensor(0, "x", "tensor");
    int rank = x.value().rank();
    int[] given = operands.integers(1, "pad_width", "paddings");
    int[] before = new int[rank];
    int[] after = new int[rank];
    for (int axis = 0; axis < rank; axis++) {
      int inGraph = Axes.inGraph(axis, rank, x.layout());
      before[inGraph] = given[given.length == 1 ? 0 : given.length == 2 ? 0 : 2 * axis];
      after[inGraph] = given[given.length == 1 ? 0 : given.length == 2 ? 1 : 2 * axis + 1];
    }
    String mode = operands.text("constant", 2, "mode").toLowerCase(java.util.Locale.ROOT);
    GraphBuilder graph = operands.graph();
    if (mode.equals("constant")) {
      double fill = operands.number(0, 3, "constant_values");
      return List.of(Operands.like(x, graph.pad(x.value(), before, after, fill)));
    }
    int skipped =
        switch (mode) {
          case "reflect" -> 1;
          case "symmetric" -> 0;
          default ->
              throw operands.layer().unsupported("mode='%s' is not supported.".formatted(mode));
        };
    Value value = x.value();
    for (int axis = 0; axis < rank; axis++) {
      if (before[axis] != 0 || after[axis] != 0) {
        int size = value.shape().size(axis);
        int[] index = mirrored(size, before[axis], after[axis], skipped);
        value = graph.node(Op.GATHER, Attributes.of("axis", axis), value, graph.ints(index));
      }
    }
    return List.of(Operands.like(x, value));
  }

  private static int[] mirrored(int size, int before, int after, int skipped) {
    int period = Math.max(1, 2 * (size - skipped));
    return IntStream.range(-before, size + after)
        .map(i -> Math.floorMod(i, period))
        .map(i -> i < size ? i : 2 * size - 1 - skipped - i)
        .toArray();
  }
}
