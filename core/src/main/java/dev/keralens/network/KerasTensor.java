package dev.keralens.network;

import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A value of the graph as Keras sees it: what flows between two layers. */
public final class KerasTensor {
  private final Value value;
  private final Layout layout;
  private final int steps;

  /**
   * Checks that a value with moved channels has spatial axes.
   *
   * @param value the value in the graph
   * @param layout where its channels lie
   * @param steps how many of its first spatial axes are steps
   */
  public KerasTensor(Value value, Layout layout, int steps) {
    if (layout.isChannelsFirst() && value.rank() < 3) {
      throw new IllegalArgumentException(value + " has no spatial axes.");
    }
    this.value = value;
    this.layout = layout;
    this.steps = steps;
  }

  /** {@return the value in the graph} */
  public Value value() {
    return value;
  }

  /** {@return where its channels lie} */
  public Layout layout() {
    return layout;
  }

  /**
   * {@return how many of its first spatial axes are steps that do not see one another, as those of
   * a layer inside {@code TimeDistributed}: each step is an image of its own}
   */
  public int steps() {
    return steps;
  }

  /**
   * A tensor without steps.
   *
   * @param value the value in the graph
   * @param layout where its channels lie
   */
  public KerasTensor(Value value, Layout layout) {
    this(value, layout, 0);
  }

  /**
   * {@return a tensor whose axes have Keras' order in the graph}
   *
   * @param value the value in the graph
   */
  public static KerasTensor plain(Value value) {
    return new KerasTensor(value, Layout.PLAIN);
  }

  /** {@return the shape that Keras shows} */
  public Shape shape() {
    return layout == Layout.CHANNELS_MOVED
        ? value.shape().permute(channelsLast(value.rank()))
        : value.shape();
  }

  /**
   * {@return the sizes of the axes that a map of it has: its spatial axes, such as height and
   * width; of (batch, features), the features}
   */
  public int[] places() {
    int[] sizes = shape().sizes();
    return Arrays.stream(placeAxes()).map(axis -> sizes[axis]).toArray();
  }

  /**
   * {@return the axes that a map of it has, as Keras shows them: all but the batch's and that of
   * the channels; of (batch, features), that of the features}
   */
  public int[] placeAxes() {
    int rank = value.rank();
    int channels = rank < 3 ? -1 : channelAxis();
    return IntStream.range(1, rank).filter(axis -> axis != channels).toArray();
  }

  /** {@return the axis of its channels, as Keras shows it; -1 for none} */
  public int channelAxis() {
    int rank = value.rank();
    return layout == Layout.CHANNELS_MOVED ? rank - 1 : layout.channelAxis(rank);
  }

  /**
   * {@return where an axis that Keras shows lies in the graph}
   *
   * @param shown the axis, from 0
   */
  public int axisInGraph(int shown) {
    return layout == Layout.CHANNELS_MOVED ? channelsLast(value.rank())[shown] : shown;
  }

  /**
   * {@return the order of axes that moves channels from axis 1 to the end}
   *
   * @param rank the number of axes, at least 2
   */
  public static int[] channelsLast(int rank) {
    return IntStream.range(0, rank).map(i -> i == 0 ? 0 : i == rank - 1 ? 1 : i + 1).toArray();
  }

  /**
   * {@return the order of axes that moves channels from the end to axis 1}
   *
   * @param rank the number of axes, at least 2
   */
  public static int[] channelsFirst(int rank) {
    return IntStream.range(0, rank).map(i -> i == 0 ? 0 : i == 1 ? rank - 1 : i - 1).toArray();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof KerasTensor that
        && value.equals(that.value)
        && layout.equals(that.layout)
        && steps == that.steps;
  }

  @Override
  public int hashCode() {
    return Objects.hash(value, layout, steps);
  }

  @Override
  public String toString() {
    return "KerasTensor[value=%s, layout=%s, steps=%s]".formatted(value, layout, steps);
  }
}
