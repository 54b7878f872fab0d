package dev.keralens.keras.call;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import dev.keralens.tensor.ElementType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Values of one type and one order of axes, so that the graph's operators broadcast them as NumPy
 * does.
 *
 * @param values the values, in the order in which they were given
 * @param layout the layout of what is computed from them
 */
public record Broadcasting(List<Value> values, Layout layout) {
  public Broadcasting {
    values = List.copyOf(values);
  }

  /** {@return values that can be computed with together: integers become floats beside floats} */
  public static Broadcasting of(LayerCall layer, List<KerasTensor> tensors) {
    Broadcasting aligned = aligned(layer, tensors);
    ElementType type = type(aligned.values);
    GraphBuilder graph = layer.graph();
    return new Broadcasting(
        aligned.values.stream().map(value -> graph.cast(value, type)).toList(), aligned.layout);
  }

  private static ElementType type(List<Value> values) {
    if (values.stream().anyMatch(value -> value.type().isFloating())) {
      return ElementType.FLOAT32;
    }
    return values.stream().map(Value::type).distinct().count() == 1
        ? values.get(0).type()
        : ElementType.INT64;
  }

  /** {@return values of one order of axes, whatever their types} */
  public static Broadcasting aligned(LayerCall layer, List<KerasTensor> tensors) {
    GraphBuilder graph = layer.graph();
    int rank = tensors.stream().mapToInt(x -> x.value().rank()).max().orElse(0);
    List<KerasTensor> full = tensors.stream().filter(x -> x.value().rank() == rank).toList();
    Layout layout = Axes.commonLayout(full);
    List<Value> values = new ArrayList<>();
    for (KerasTensor x : tensors) {
      int missing = rank - x.value().rank();
      if (x.value().rank() == 0) {
        values.add(x.value());
        continue;
      }
      KerasTensor raised =
          missing == 0
              ? x
              : KerasTensor.plain(
                  graph.unsqueeze(layer.plain(x), IntStream.range(0, missing).toArray()));
      values.add(
          layout == Layout.CHANNELS_MOVED ? layer.channelsFirst(raised) : layer.plain(raised));
    }
    return new Broadcasting(values, layout);
  }
}
