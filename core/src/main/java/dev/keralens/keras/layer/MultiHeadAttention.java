package dev.keralens.keras.layer;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.keras.LayerConfig;
import dev.keralens.keras.Weight;
import dev.keralens.keras.call.AttentionScores;
import dev.keralens.keras.call.Axes;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.keras.call.Matrices;
import dev.keralens.keras.weights.WeightPart;
import dev.keralens.keras.weights.WeightSlot;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Attention in several heads, each with its own projections of query, key and value: of Vaswani et
 * al., Attention is all you need, 2017. With {@code GroupedQueryAttention} several heads of the
 * query share one of key and value.
 *
 * <p>Axes: (batch, other axes, attended axes, features). The other axes and the heads are one axis
 * during the computation, and the attended axes another, so that scores are products of matrices.
 */
final class MultiHeadAttention {
  private final LayerCall layer;
  private final GraphBuilder graph;
  private final KerasTensor query;
  private final KerasTensor value;
  private final KerasTensor key;
  private final boolean grouped;

  private MultiHeadAttention(LayerCall layer, boolean grouped) {
    this.layer = layer;
    this.graph = layer.graph();
    this.grouped = grouped;
    this.query = required(0, "query");
    this.value = required(1, "value");
    KerasTensor given = layer.argument(2, "key");
    this.key = given == null ? value : given;
  }

  public static List<KerasTensor> multiHead(LayerCall layer) {
    return new MultiHeadAttention(layer, false).build();
  }

  static List<KerasTensor> groupedQuery(LayerCall layer) {
    return new MultiHeadAttention(layer, true).build();
  }

  public static List<WeightPart> multiHeadWeights(LayerConfig config) {
    return weights(config, "");
  }

  /** Its projections are private attributes, without the properties that the other class has. */
  static List<WeightPart> groupedQueryWeights(LayerConfig config) {
    return weights(config, "_");
  }

  private static List<WeightPart> weights(LayerConfig config, String prefix) {
    List<WeightPart> parts = new ArrayList<>();
    boolean gated = config.flag("use_gate", false);
    for (String name :
        gated
            ? List.of("query", "key", "gate", "value", "output")
            : List.of("query", "key", "value", "output")) {
      parts.add(WeightSlot.of(prefix + name + "_dense/kernel"));
      if (config.flag("use_bias", true)) {
        parts.add(WeightSlot.of(prefix + name + "_dense/bias"));
      }
    }
    return parts;
  }

  private KerasTensor required(int position, String name) {
    KerasTensor tensor = layer.argument(position, name);
    if (tensor == null) {
      throw layer.invalid("it is called without %s.".formatted(name));
    }
    return tensor;
  }

  private List<KerasTensor> build() {
    layer.refuseTraining();
    Value q = project("query", layer.plain(query));
    Value k = project("key", layer.plain(key));
    Value v = project("value", layer.plain(value));
    if (grouped) {
      int times = q.shape().size(-2) / k.shape().size(-2);
      k = repeatHeads(k, times);
      v = repeatHeads(v, times);
    }
    Heads heads = new Heads(attended(q.rank()), q.rank());
    float scale = (float) (1 / Math.sqrt(k.shape().size(-1)));
    Value scores =
        graph.matMul(
            heads.rows(graph, graph.mul(q, scale)),
            graph.transpose(heads.rows(graph, k), 0, 1, 3, 2));
    Value full = graph.reshape(scores, Shape.of(heads.scoreSizes(q.shape(), k.shape())));
    Value weights = weights(full, heads);
    Value mixed = graph.matMul(graph.reshape(weights, scores.shape()), heads.rows(graph, v));
    Value out = heads.restore(graph, mixed, q.shape(), v.shape().size(-1));
    if (layer.config().flag("use_gate", false)) {
      Value gate = graph.node(Op.SIGMOID, project("gate", layer.plain(query)));
      out = graph.mul(out, gate);
    }
    KerasTensor result = KerasTensor.plain(combine(out));
    layer.setMask(result, layer.mask(query));
    return layer.arguments().flag("return_attention_scores")
        ? List.of(result, KerasTensor.plain(weights))
        : List.of(result);
  }

  private Weight weight(String projection, String name) {
    return layer.weight((grouped ? "_" : "") + projection + "_dense/" + name);
  }

  /** (.., features) as (.., heads, size). */
  private Value project(String name, Value x) {
    Weight kernel = weight(name, "kernel");
    int features = kernel.shape()[0];
    if (features != x.shape().size(-1)) {
      throw new IllegalArgumentException(
          "%s takes %d features, got %s.".formatted(kernel, features, x.shape()));
    }
    int units = kernel.shape()[1] * kernel.shape()[2];
    Value flat =
        Matrices.affine(graph, x, kernel.reshape(features, units).value(), bias(name, units));
    int[] sizes = Arrays.copyOf(x.shape().sizes(), x.rank() + 1);
    sizes[x.rank() - 1] = kernel.shape()[1];
    sizes[x.rank()] = kernel.shape()[2];
    return graph.reshape(flat, Shape.of(sizes));
  }

  /** (.., heads, size) as (.., features), by the output's kernel. */
  private Value combine(Value x) {
    Weight kernel = weight("output", "kernel");
    int[] shape = kernel.shape();
    int features = shape[0] * shape[1];
    int units = Arrays.stream(shape).skip(2).reduce(1, Math::multiplyExact);
    int[] flat = Arrays.copyOf(x.shape().sizes(), x.rank() - 1);
    flat[x.rank() - 2] = features;
    Value out =
        Matrices.affine(
            graph,
            graph.reshape(x, Shape.of(flat)),
            kernel.reshape(features, units).value(),
            bias("output", units));
    int[] result = Arrays.copyOf(flat, x.rank() - 2 + shape.length - 2);
    System.arraycopy(shape, 2, result, x.rank() - 2, shape.length - 2);
    return graph.reshape(out, Shape.of(result));
  }

  private @Nullable Value bias(String name, int units) {
    return layer.config().flag("use_bias", true)
        ? weight(name, "bias").reshape(units).value()
        : null;
  }

  private Value repeatHeads(Value x, int times) {
    int heads = x.shape().size(2);
    int[] index = IntStream.range(0, heads * times).map(i -> i / times).toArray();
    return times == 1 ? x : graph.node(Op.GATHER, Attributes.of("axis", 2), x, graph.ints(index));
  }

  private int[] attended(int rank) {
    if (!layer.config().has("attention_axes")) {
      return IntStream.range(1, rank - 2).toArray();
    }
    return Arrays.stream(layer.config().integers("attention_axes"))
        .map(axis -> Axes.fromZero(axis, rank - 1))
        .toArray();
  }

  /** Softmax over the keys that count. Where none does, Keras' versions and paths differ. */
  private Value weights(Value scores, Heads heads) {
    Value mask = mask(scores, heads);
    if (mask == null) {
      return softmax(scores, heads);
    }
    if (layer.kerasVersion() < 3) {
      return softmax(AttentionScores.masked(graph, scores, mask), heads);
    }
    Value far = graph.scalar(-1e9f);
    Value weights = softmax(graph.where(mask, scores, far), heads);
    boolean fused =
        layer.config().number("dropout", 0) == 0
            && scores.rank() == 4
            && !layer.arguments().flag("return_attention_scores");
    return fused ? weights : graph.where(mask, weights, graph.scalar(0));
  }

  private Value softmax(Value scores, Heads heads) {
    int[] sizes = scores.shape().sizes();
    int keys = heads.attended().length;
    int[] flat = Arrays.copyOf(sizes, sizes.length - keys + 1);
    flat[flat.length - 1] =
        Arrays.stream(sizes).skip(sizes.length - keys).reduce(1, Math::multiplyExact);
    Value weights = AttentionScores.softmax(graph, graph.reshape(scores, Shape.of(flat)));
    return graph.reshape(weights, scores.shape());
  }

  /** Which keys count for which queries, with as many axes as the scores; null where all do. */
  private @Nullable Value mask(Value scores, Heads heads) {
    Value mask = null;
    KerasTensor given = layer.argument(layer.kerasVersion() < 3 ? 3 : 6, "attention_mask");
    if (given != null) {
      mask = graph.cast(layer.plain(given), ElementType.BOOL);
    }
    Value queryMask = mask("query_mask", query);
    if (queryMask != null) {
      mask = and(mask, graph.unsqueeze(queryMask, queryMask.rank()));
    }
    Value valueMask = mask("value_mask", value);
    if (valueMask != null) {
      mask = and(mask, graph.unsqueeze(valueMask, valueMask.rank() - 1));
    }
    Value keyMask = layer.argument(2, "key") == null ? null : mask("key_mask", key);
    if (keyMask != null) {
      mask = and(mask, graph.unsqueeze(keyMask, keyMask.rank() - 1));
    }
    int queries = query.shape().size(1);
    int keys = value.shape().size(1);
    if (layer.arguments().flag("use_causal_mask")) {
      mask = and(mask, AttentionScores.causalMask(graph, queries, keys));
    }
    if (layer.config().has("sliding_window")) {
      mask = and(mask, band(queries, keys, layer.config().integer("sliding_window")));
    }
    while (mask != null && mask.rank() < scores.rank()) {
      mask = graph.unsqueeze(mask, mask.rank() - heads.attended().length * 2);
    }
    return mask;
  }

  private @Nullable Value mask(String name, KerasTensor tensor) {
    KerasTensor given = layer.argument(-1, name);
    return given == null ? layer.mask(tensor) : graph.cast(layer.plain(given), ElementType.BOOL);
  }

  private Value and(@Nullable Value a, Value b) {
    return a == null ? b : graph.node(Op.AND, a, b);
  }

  private Value band(int queries, int keys, int width) {
    float[] near = new float[Math.multiplyExact(queries, keys)];
    for (int i = 0; i < near.length; i++) {
      near[i] = Math.abs(i / keys - i % keys) < width ? 1 : 0;
    }
    return graph.cast(graph.constant(Tensor.of(near, 1, queries, keys)), ElementType.BOOL);
  }

  /**
   * Which axes of a projection (batch, .., heads, size) are attended.
   *
   * @param attended the axes, ascending
   * @param rank the number of axes of a projection
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Heads(int[] attended, int rank) {
    /** The axes beside the batch's that are not attended, the heads' last. */
    int[] others() {
      return IntStream.range(1, rank - 1)
          .filter(axis -> Arrays.stream(attended).noneMatch(a -> a == axis))
          .toArray();
    }

    private int[] order() {
      return IntStream.concat(
              IntStream.concat(IntStream.of(0), Arrays.stream(others())),
              IntStream.concat(Arrays.stream(attended), IntStream.of(rank - 1)))
          .toArray();
    }

    /** {@return (batch, other axes and heads, attended axes, size)} */
    Value rows(GraphBuilder graph, Value x) {
      int[] sizes = x.shape().sizes();
      return graph.reshape(
          graph.transpose(x, order()),
          Shape.of(sizes[0], product(sizes, others()), product(sizes, attended), sizes[rank - 1]));
    }

    /** {@return rows with the axes of a projection again} */
    Value restore(GraphBuilder graph, Value rows, Shape like, int size) {
      int[] order = order();
      int[] sizes = Arrays.stream(order).map(like::size).toArray();
      sizes[rank - 1] = size;
      int[] back = new int[rank];
      IntStream.range(0, rank).forEach(i -> back[order[i]] = i);
      return graph.transpose(graph.reshape(rows, Shape.of(sizes)), back);
    }

    /** {@return (batch, other axes, heads, attended axes of the query, those of the key)} */
    int[] scoreSizes(Shape query, Shape key) {
      return IntStream.concat(
              IntStream.concat(
                  IntStream.of(query.size(0)), Arrays.stream(others()).map(query::size)),
              IntStream.concat(
                  Arrays.stream(attended).map(query::size), Arrays.stream(attended).map(key::size)))
          .toArray();
    }

    private static int product(int[] sizes, int[] axes) {
      return Arrays.stream(axes).map(axis -> sizes[axis]).reduce(1, Math::multiplyExact);
    }
  }
}
