package dev.keralens.keras.layer;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.Axes;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Layers that bring values to a common scale. */
final class NormalizationLayers {
  private NormalizationLayers() {}

  /**
   * gamma * (x - moving_mean) / sqrt(moving_variance + epsilon) + beta, along one axis or several.
   */
  public static KerasTensor batch(LayerCall layer) {
    layer.refuseTraining();
    KerasTensor x = layer.input();
    int rank = x.value().rank();
    int[] axes = axes(layer, rank);
    if (axes.length > 1) {
      return batchOfSeveralAxes(layer, x, axes);
    }
    int axis = axes[0];
    if (rank > 2 && axis == rank - 1) {
      return new KerasTensor(batch(layer, layer.channelsFirst(x)), Layout.CHANNELS_MOVED);
    }
    int[] swap = IntStream.range(0, rank).toArray();
    swap[1] = axis;
    swap[axis] = 1;
    Value out = batch(layer, layer.graph().transpose(layer.plain(x), swap));
    Layout layout = x.layout() == Layout.CHANNELS_MOVED ? Layout.PLAIN : x.layout();
    return new KerasTensor(layer.graph().transpose(out, swap), layout);
  }

  private static Value batch(LayerCall layer, Value x) {
    int channels = x.shape().size(1);
    return layer
        .graph()
        .node(
            Op.BATCH_NORMALIZATION,
            epsilon(layer),
            x,
            weightOr(layer, "gamma", "scale", 1, channels),
            weightOr(layer, "beta", "center", 0, channels),
            layer.weight("moving_mean", channels).value(),
            layer.weight("moving_variance", channels).value());
  }

  /** The axes together become the channels of one batch normalization. */
  private static KerasTensor batchOfSeveralAxes(LayerCall layer, KerasTensor x, int[] axes) {
    GraphBuilder graph = layer.graph();
    Value value = layer.plain(x);
    int[] others =
        IntStream.range(1, value.rank())
            .filter(axis -> Arrays.stream(axes).noneMatch(a -> a == axis))
            .toArray();
    int[] order =
        IntStream.concat(
                IntStream.of(0), IntStream.concat(Arrays.stream(axes), Arrays.stream(others)))
            .toArray();
    Value moved = graph.transpose(value, order);
    int channels = Arrays.stream(axes).map(value.shape()::size).reduce(1, Math::multiplyExact);
    int rest = Arrays.stream(others).map(value.shape()::size).reduce(1, Math::multiplyExact);
    Value flat = graph.reshape(moved, Shape.of(value.shape().size(0), channels, rest));
    Value out =
        graph.node(
            Op.BATCH_NORMALIZATION,
            epsilon(layer),
            flat,
            flatWeightOr(layer, "gamma", "scale", 1, channels),
            flatWeightOr(layer, "beta", "center", 0, channels),
            layer.weight("moving_mean").reshape(channels).value(),
            layer.weight("moving_variance").reshape(channels).value());
    Value shaped = graph.reshape(out, moved.shape());
    return KerasTensor.plain(graph.transpose(shaped, inverse(order)));
  }

  /**
   * gamma * (x - mean) / sqrt(variance + epsilon) + beta, where mean and variance are those of each
   * row of the batch over the given axes.
   */
  public static KerasTensor layer(LayerCall layer) {
    Value x = layer.plain(layer.input());
    int[] axes = axes(layer, x.rank());
    if (layer.config().flag("rms_scaling", false)) {
      throw layer.unsupported(
          "rms_scaling=True is not supported; use RMSNormalization in its place.");
    }
    boolean trailing =
        Arrays.equals(axes, IntStream.range(x.rank() - axes.length, x.rank()).toArray());
    int[] sizes = Arrays.stream(axes).map(x.shape()::size).toArray();
    if (trailing) {
      Attributes attributes = epsilon(layer).with("axis", axes[0]);
      Value gamma = layerWeight(layer, "gamma", "scale", sizes);
      Value scale = gamma == null ? filled(layer.graph(), 1, sizes) : gamma;
      Value beta = layerWeight(layer, "beta", "center", sizes);
      return KerasTensor.plain(
          beta == null
              ? layer.graph().node(Op.LAYER_NORMALIZATION, attributes, x, scale)
              : layer.graph().node(Op.LAYER_NORMALIZATION, attributes, x, scale, beta));
    }
    GraphBuilder graph = layer.graph();
    Value centred = graph.sub(x, graph.reduceMean(x, true, axes));
    Value variance = graph.reduceMean(graph.mul(centred, centred), true, axes);
    float epsilon = (float) layer.config().number("epsilon", 1e-3);
    Value out = graph.div(centred, graph.node(Op.SQRT, graph.add(variance, graph.scalar(epsilon))));
    return KerasTensor.plain(scaled(layer, out, axes));
  }

  /** Multiplies by gamma and adds beta, each lying along the given axes. */
  private static Value scaled(LayerCall layer, Value x, int[] axes) {
    int[] broadcast = new int[x.rank()];
    Arrays.fill(broadcast, 1);
    Arrays.stream(axes).forEach(axis -> broadcast[axis] = x.shape().size(axis));
    Value out = x;
    if (layer.config().flag("scale", true)) {
      out = layer.graph().mul(out, layer.weight("gamma").reshape(broadcast).value());
    }
    if (layer.config().flag("center", true)) {
      out = layer.graph().add(out, layer.weight("beta").reshape(broadcast).value());
    }
    return out;
  }

  /** Layer normalization of groups of channels that lie together; {@code groups=-1} is one each. */
  public static KerasTensor group(LayerCall layer) {
    GraphBuilder graph = layer.graph();
    KerasTensor input = layer.input();
    int rank = input.value().rank();
    int axis = axes(layer, rank)[0];
    int[] order = IntStream.range(0, rank).toArray();
    boolean last = rank > 2 && axis == rank - 1;
    order[1] = axis;
    order[axis] = 1;
    Value x = last ? layer.channelsFirst(input) : graph.transpose(layer.plain(input), order);
    int channels = x.shape().size(1);
    int given = layer.config().integer("groups", 32);
    int groups = given == -1 ? channels : given;
    if (groups < 1 || channels % groups != 0) {
      throw new IllegalArgumentException(
          "groups=%d does not divide the %d channels of input %s."
              .formatted(given, channels, input.shape()));
    }
    int each = Arrays.stream(x.shape().sizes()).skip(1).reduce(1, Math::multiplyExact) / groups;
    Value flat = graph.reshape(x, Shape.of(x.shape().size(0), groups, each));
    Value normal =
        graph.node(
            Op.INSTANCE_NORMALIZATION,
            epsilon(layer),
            flat,
            filled(graph, 1, groups),
            filled(graph, 0, groups));
    Value out = scaled(layer, graph.reshape(normal, x.shape()), new int[] {1});
    return last
        ? new KerasTensor(out, Layout.CHANNELS_MOVED)
        : KerasTensor.plain(graph.transpose(out, order));
  }

  /** x / sqrt(mean of x^2 + epsilon) * scale. */
  public static KerasTensor rms(LayerCall layer) {
    GraphBuilder graph = layer.graph();
    Value x = layer.plain(layer.input());
    int[] axes = axes(layer, x.rank());
    Value square = graph.reduceMean(graph.mul(x, x), true, axes);
    float epsilon = (float) layer.config().number("epsilon", 1e-6);
    Value root = graph.node(Op.SQRT, graph.add(square, graph.scalar(epsilon)));
    return KerasTensor.plain(graph.mul(graph.div(x, root), layer.weight("scale").value()));
  }

  /** x / sqrt(max(sum of x^2, 1e-12)). */
  public static KerasTensor unit(LayerCall layer) {
    GraphBuilder graph = layer.graph();
    KerasTensor x = layer.input();
    int rank = x.value().rank();
    int[] axes =
        Arrays.stream(axes(layer, rank)).map(a -> Axes.inGraph(a, rank, x.layout())).toArray();
    Value square = graph.reduce(Op.REDUCE_SUM_SQUARE, x.value(), true, axes);
    Value root = graph.node(Op.SQRT, graph.max(square, graph.scalar(1e-12f)));
    return LayerCall.like(x, graph.div(x.value(), root));
  }

  /** The kernel in the file is already normalized: at inference this is the layer inside. */
  static List<KerasTensor> spectral(LayerCall layer) {
    layer.refuseTraining();
    return layer.call("layer", layer.config().node("layer"), layer.arguments());
  }

  /** The layer's axes, counted from 0 and sorted. */
  private static int[] axes(LayerCall layer, int rank) {
    int[] axes = layer.config().has("axis") ? layer.config().integers("axis") : new int[] {-1};
    return Arrays.stream(axes).map(axis -> Axes.fromZero(axis, rank)).sorted().toArray();
  }

  private static Attributes epsilon(LayerCall layer) {
    return Attributes.NONE.with("epsilon", (float) layer.config().number("epsilon", 1e-3));
  }

  private static int[] inverse(int[] order) {
    int[] out = new int[order.length];
    IntStream.range(0, order.length).forEach(i -> out[order[i]] = i);
    return out;
  }

  private static @Nullable Value layerWeight(
      LayerCall layer, String weight, String flag, int[] sizes) {
    return layer.config().flag(flag, true) ? layer.weight(weight, sizes).value() : null;
  }

  private static Value weightOr(
      LayerCall layer, String weight, String flag, float otherwise, int channels) {
    return layer.config().flag(flag, true)
        ? layer.weight(weight, channels).value()
        : filled(layer.graph(), otherwise, channels);
  }

  private static Value flatWeightOr(
      LayerCall layer, String weight, String flag, float otherwise, int channels) {
    return layer.config().flag(flag, true)
        ? layer.weight(weight).reshape(channels).value()
        : filled(layer.graph(), otherwise, channels);
  }

  private static Value filled(GraphBuilder graph, float value, int... sizes) {
    float[] values = new float[Math.toIntExact(Tensor.elements(sizes))];
    Arrays.fill(values, value);
    return graph.constant(Tensor.of(values, sizes));
  }
}
