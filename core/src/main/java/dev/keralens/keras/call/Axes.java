package dev.keralens.keras.call;

import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import java.util.List;

/** Axes as Keras counts them, and as they lie in the graph. */
public final class Axes {
  private Axes() {}

  /**
   * {@return an axis counted from 0, as Keras shows it}
   *
   * @param axis the axis; negative counts from the end
   * @param rank the number of axes
   * @throws IllegalArgumentException if there is no such axis
   */
  public static int fromZero(int axis, int rank) {
    int result = axis < 0 ? axis + rank : axis;
    if (result < 0 || result >= rank) {
      throw new IllegalArgumentException(
          "axis=%d does not exist among %d axes.".formatted(axis, rank));
    }
    return result;
  }

  /**
   * {@return where an axis that Keras counts lies in the graph}
   *
   * @param axis the axis as Keras counts it; negative counts from the end
   * @param rank the number of axes
   * @param layout where the value's channels lie
   * @throws IllegalArgumentException if there is no such axis
   */
  public static int inGraph(int axis, int rank, Layout layout) {
    int shown = fromZero(axis, rank);
    if (layout != Layout.CHANNELS_MOVED || shown == 0) {
      return shown;
    }
    return shown == rank - 1 ? 1 : shown + 1;
  }

  /**
   * {@return the layout in which several tensors can be computed with the fewest transposes:
   * channels moved if any has them so, else that of the first}
   */
  public static Layout commonLayout(List<KerasTensor> tensors) {
    boolean sameRank = tensors.stream().mapToInt(x -> x.value().rank()).distinct().count() == 1;
    if (sameRank && tensors.stream().anyMatch(x -> x.layout() == Layout.CHANNELS_MOVED)) {
      return Layout.CHANNELS_MOVED;
    }
    return sameRank && tensors.get(0).layout() == Layout.CHANNELS_FIRST
        ? Layout.CHANNELS_FIRST
        : Layout.PLAIN;
  }

  /** {@return the values of tensors in one layout} */
  public static List<Value> as(LayerCall layer, List<KerasTensor> tensors, Layout layout) {
    return tensors.stream()
        .map(x -> layout == Layout.CHANNELS_MOVED ? layer.channelsFirst(x) : layer.plain(x))
        .toList();
  }
}
