package dev.keralens.keras.hub.language;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.keras.Weight;
import dev.keralens.keras.call.Activations;
import dev.keralens.keras.call.AttentionScores;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.keras.call.Matrices;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.part.Block;
import dev.keralens.keras.hub.part.Part;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.ElementType;
import org.jspecify.annotations.Nullable;

/** What the blocks of transformers share: masks, activations, heads. */
final class Attending {
  private Attending() {}

  /** {@return the mask of the keys, (batch, 1 or queries, keys), or null where all count} */
  static @Nullable Value mask(
      Block b, KerasTensor x, @Nullable KerasTensor padding, @Nullable KerasTensor attention) {
    GraphBuilder graph = b.graph();
    Value mask = padding == null ? b.layer().mask(x) : truth(b, padding);
    mask = mask == null ? null : graph.unsqueeze(mask, 1);
    if (attention == null) {
      return mask;
    }
    Value more = truth(b, attention);
    return mask == null ? more : graph.node(Op.AND, mask, more);
  }

  static Value truth(Block b, KerasTensor x) {
    return b.graph().cast(b.plain(x), ElementType.BOOL);
  }

  /** {@return a mask by which each place sees itself and those before it, too} */
  static Value causal(Block b, @Nullable Value mask, int size) {
    Value before = AttentionScores.causalMask(b.graph(), size, size);
    return mask == null ? before : b.graph().node(Op.AND, mask, before);
  }

  /** {@return x without the mask that Keras knows of it} */
  static KerasTensor unmasked(Block b, KerasTensor x) {
    return KerasTensor.plain(b.plain(x));
  }

  /** {@return the name of an activation, given by name or as a function's envelope} */
  static String activation(HubArguments a, String key, String otherwise) {
    JsonNode value = a.find(key);
    if (value == null) {
      return otherwise;
    }
    String name = value.isTextual() ? value.textValue() : value.path("config").asText("");
    String bare = name.substring(name.indexOf('>') + 1);
    boolean known =
        bare.equals("gelu_approximate")
            || bare.equals("quick_gelu")
            || Activations.BY_NAME.containsKey(bare);
    if (!known) {
      throw a.unsupported("%s=%s is not known.".formatted(key, value));
    }
    return bare;
  }

  static KerasTensor activate(Block b, String activation, KerasTensor x) {
    GraphBuilder graph = b.graph();
    return switch (activation) {
      case "gelu_approximate" ->
          LayerCall.like(
              x, graph.node(Op.GELU, Attributes.NONE.with("approximate", "tanh"), x.value()));
      case "quick_gelu" ->
          LayerCall.like(
              x, graph.mul(x.value(), graph.node(Op.SIGMOID, graph.mul(x.value(), 1.702f))));
      default -> b.activate(activation, x);
    };
  }

  /** A dense layer whose size is that of its input, which its arguments do not say. */
  static Part open() {
    return Part.keras("Dense");
  }

  /** A projection into heads. */
  static Part heads(boolean biased) {
    Part part = Part.keras("EinsumDense").set("equation", "abc,cde->abde");
    return biased ? part.set("bias_axes", "de") : part;
  }

  /** The projection of the heads together. */
  static Part together(String equation) {
    return Part.keras("EinsumDense").set("equation", equation).set("bias_axes", "d");
  }

  /** {@return (batch, heads, places, size)} */
  static Value project(Block b, String attribute, Value x, boolean biased) {
    GraphBuilder graph = b.graph();
    LayerCall dense = b.inner(attribute);
    Weight kernel = dense.weight("kernel");
    int[] shape = kernel.shape();
    if (shape.length != 3 || shape[0] != x.shape().size(-1)) {
      throw new IllegalArgumentException(
          "%s of %s takes %s, got %s.".formatted(kernel, attribute, shape[0], x.shape()));
    }
    int units = shape[1] * shape[2];
    Value bias = biased ? dense.weight("bias", shape[1], shape[2]).reshape(units).value() : null;
    Value flat = Matrices.affine(graph, x, kernel.reshape(shape[0], units).value(), bias);
    Value split =
        graph.reshape(
            flat, Shape.of(flat.shape().size(0), flat.shape().size(1), shape[1], shape[2]));
    return graph.transpose(split, 0, 2, 1, 3);
  }

  /** {@return the values that scores choose: (batch, places, heads * size)} */
  static Value mixed(Block b, Value scores, @Nullable Value mask, Value values) {
    GraphBuilder graph = b.graph();
    Value masked =
        mask == null ? scores : AttentionScores.masked(graph, scores, graph.unsqueeze(mask, 1));
    Value weights = AttentionScores.softmax(graph, masked);
    Value out = graph.transpose(graph.matMul(weights, values), 0, 2, 1, 3);
    Shape shape = out.shape();
    return graph.reshape(
        out, Shape.of(shape.size(0), shape.size(1), shape.size(2) * shape.size(3)));
  }

  /** {@return x through a dense layer whose kernel may have two axes for the features} */
  static KerasTensor dense(Block b, String attribute, Value x) {
    LayerCall dense = b.inner(attribute);
    Weight kernel = dense.weight("kernel");
    int units = kernel.shape()[kernel.rank() - 1];
    int features = x.shape().size(-1);
    Value flat = kernel.reshape(features, units).value();
    return KerasTensor.plain(
        Matrices.affine(b.graph(), x, flat, dense.weight("bias", units).value()));
  }

  /** {@return products of queries and keys, (batch, heads, queries, keys)} */
  static Value scores(Block b, Value queries, Value keys, double scale) {
    GraphBuilder graph = b.graph();
    return graph.matMul(graph.mul(queries, (float) scale), graph.transpose(keys, 0, 1, 3, 2));
  }
}
