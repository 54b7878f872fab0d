package dev.keralens.keras.layer;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.keras.Weight;
import dev.keralens.keras.call.Argument;
import dev.keralens.keras.call.Einsum;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.keras.call.Matrices;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Dense layers, embeddings and masks, and layers that do nothing when a model predicts. */
final class CoreLayers {
  private CoreLayers() {}

  /** What a layer does that only acts in training. */
  public static KerasTensor identity(LayerCall layer) {
    layer.refuseTraining();
    return layer.input();
  }

  /**
   * Kernel (inputs, units), on the last axis. On an image it is a convolution of size 1; else all
   * axes before the last become one, so that the bias is always added by the product's own node.
   */
  public static KerasTensor dense(LayerCall layer) {
    KerasTensor x = layer.input();
    int features = x.shape().size(-1);
    Weight kernel = layer.weight("kernel");
    if (kernel.rank() != 2 || kernel.shape()[0] != features || x.value().rank() < 2) {
      throw new IllegalArgumentException(
          "%s takes %d features, got input %s.".formatted(kernel, kernel.shape()[0], x.shape()));
    }
    int units = kernel.shape()[1];
    Value bias = layer.config().flag("use_bias", true) ? layer.weight("bias", units).value() : null;
    return layer.activate(
        x.layout() == Layout.CHANNELS_MOVED
            ? onImage(layer.graph(), x, kernel, bias)
            : KerasTensor.plain(Matrices.affine(layer.graph(), x.value(), kernel.value(), bias)));
  }

  private static KerasTensor onImage(
      GraphBuilder graph, KerasTensor x, Weight kernel, @Nullable Value bias) {
    int[] shape = new int[x.value().rank()];
    Arrays.fill(shape, 1);
    shape[0] = kernel.shape()[1];
    shape[1] = kernel.shape()[0];
    Value filters = kernel.transpose(1, 0).reshape(shape).value();
    Value out =
        bias == null
            ? graph.node(Op.CONV, x.value(), filters)
            : graph.node(Op.CONV, x.value(), filters, bias);
    return new KerasTensor(out, Layout.CHANNELS_MOVED);
  }

  /** Row i of {@code embeddings} for each number i. */
  public static KerasTensor embedding(LayerCall layer) {
    GraphBuilder graph = layer.graph();
    KerasTensor x = layer.input();
    Value indices = graph.cast(layer.plain(x), ElementType.INT64);
    Value rows =
        graph.node(
            Op.GATHER, Attributes.of("axis", 0), layer.weight("embeddings").value(), indices);
    KerasTensor out = KerasTensor.plain(rows);
    if (layer.config().flag("mask_zero", false)) {
      Value zero = graph.node(Op.EQUAL, indices, graph.constant(Tensor.of(new long[] {0})));
      layer.setMask(out, graph.node(Op.NOT, zero));
    }
    return out;
  }

  /**
   * An embedding, or called with {@code reverse=True} the products of x with all of its rows,
   * bounded by {@code logit_soft_cap}.
   */
  public static KerasTensor reversibleEmbedding(LayerCall layer) {
    Argument reverse = layer.arguments().get(1, "reverse");
    if (!(reverse instanceof Argument.Literal literal && literal.json().asBoolean(false))) {
      return embedding(layer);
    }
    GraphBuilder graph = layer.graph();
    Value x = layer.plain(layer.input());
    Weight kernel =
        layer.config().flag("tie_weights", true)
            ? layer.weight("embeddings").transpose(1, 0)
            : layer.weight("reverse_embeddings");
    Value logits = Matrices.affine(graph, x, kernel.value(), null);
    if (layer.config().has("logit_soft_cap")) {
      double cap = layer.config().number("logit_soft_cap");
      logits = graph.mul(graph.node(Op.TANH, graph.mul(logits, 1 / cap)), cap);
    }
    return KerasTensor.plain(logits);
  }

  /** cos(x * kernel / scale + bias): of Rahimi and Recht, 2007. */
  static KerasTensor randomFourierFeatures(LayerCall layer) {
    GraphBuilder graph = layer.graph();
    Value x = layer.plain(layer.input());
    Value product = graph.matMul(x, layer.weight("unscaled_kernel").value());
    Value scaled = graph.div(product, layer.weight("kernel_scale", 1).value());
    return KerasTensor.plain(graph.node(Op.COS, graph.add(scaled, layer.weight("bias").value())));
  }

  /** Kernel and equation by the layer's arguments; the bias lies along the axes that it names. */
  public static KerasTensor einsumDense(LayerCall layer) {
    GraphBuilder graph = layer.graph();
    Value x = layer.plain(layer.input());
    Weight kernel = layer.weight("kernel");
    Einsum einsum = Einsum.parse(layer.config().text("equation"), x.rank(), kernel.rank());
    @Nullable Weight bias = layer.config().has("bias_axes") ? layer.weight("bias") : null;
    return layer.activate(KerasTensor.plain(einsum.dense(graph, x, kernel, bias)));
  }

  /** Where all features of a time step equal the value, the step is set to 0 and masked. */
  public static KerasTensor masking(LayerCall layer) {
    GraphBuilder graph = layer.graph();
    Value x = layer.plain(layer.input());
    Value ignored = graph.scalar((float) layer.config().number("mask_value", 0));
    Value differs =
        graph.cast(graph.node(Op.NOT, graph.node(Op.EQUAL, x, ignored)), ElementType.FLOAT32);
    Value any = graph.reduce(Op.REDUCE_MAX, differs, true, x.rank() - 1);
    KerasTensor out = KerasTensor.plain(graph.mul(x, any));
    layer.setMask(out, graph.cast(graph.squeeze(any, x.rank() - 1), ElementType.BOOL));
    return out;
  }
}
