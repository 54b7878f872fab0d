package dev.keralens.keras.hub.vision;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.LayerType;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.part.Attention;
import dev.keralens.keras.hub.part.Block;
import dev.keralens.keras.hub.part.HubLayer;
import dev.keralens.keras.hub.part.Part;
import dev.keralens.keras.hub.part.Parts;
import dev.keralens.network.KerasTensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** The layers of {@code ViTDetBackbone}. Windows are an axis behind the batch's. */
public final class VitDetLayers {
  private static final String MODULE = "models.vit_det.vit_layers";

  public static final LayerType PATCHES =
      HubLayer.of(VitDetLayers::patchParts, (b, a) -> b.call("projection", b.input()));
  public static final LayerType PLACES =
      HubLayer.of((parts, a) -> parts.weight("pos_embed"), VitDetLayers::places);
  public static final LayerType ENCODER =
      HubLayer.of(VitDetLayers::encoderParts, VitDetLayers::encoder);
  public static final LayerType ATTENTION =
      HubLayer.of(VitDetLayers::attentionParts, VitDetLayers::attention);
  public static final LayerType RELATIVE =
      HubLayer.of(
          (parts, a) -> parts.weight("rel_pos_h").weight("rel_pos_w"), VitDetLayers::relative);
  public static final LayerType MLP =
      HubLayer.of(VitDetLayers::mlpParts, (b, a) -> b.call("dense_net", b.input()));

  private VitDetLayers() {}

  private static void patchParts(Parts parts, HubArguments a) {
    Part conv = Part.conv2d(a.integer("embed_dim", 768), a.any("kernel_size", 16));
    parts.layer("projection", conv.set("strides", a.any("strides", 16)));
  }

  private static KerasTensor places(Block b, HubArguments a) {
    int side = a.integer("img_size") / a.integer("patch_size");
    Value table = b.weight("pos_embed", 1, side, side, a.integer("embed_dim"));
    return KerasTensor.plain(b.graph().add(b.plain(b.input()), table));
  }

  private static void encoderParts(Parts parts, HubArguments a) {
    int width = a.integer("project_dim");
    int heads = a.integer("num_heads");
    int window = a.integer("window_size", 0);
    double epsilon = a.number("layer_norm_epsilon", 1e-6);
    // Whatever is asked for, KerasHub applies gelu.
    a.skip("activation", "input_size");
    Part attention = Part.hub(MODULE, "MultiHeadAttentionWithRelativePE");
    attention.set("num_heads", heads).set("key_dim", width / heads);
    attention.set("use_rel_pos", a.flag("use_rel_pos", false));
    attention.set("input_size", window == 0 ? a.find("input_size") : List.of(window, window));
    Part mlp = Part.hub(MODULE, "MLP").set("hidden_dim", width).set("activation", "gelu");
    parts
        .layer("layer_norm1", Part.layerNormalization(epsilon))
        .layer("layer_norm2", Part.layerNormalization(epsilon))
        .layer("attention", attention.bias(a.flag("use_bias", true)))
        .layer("mlp_block", mlp.set("intermediate_dim", a.integer("intermediate_dim")));
  }

  private static KerasTensor encoder(Block b, HubArguments a) {
    int window = a.integer("window_size", 0);
    Value x = b.plain(b.call("layer_norm1", b.input()));
    int height = x.shape().size(1);
    int width = x.shape().size(2);
    KerasTensor attended;
    if (window == 0) {
      attended = b.call("attention", KerasTensor.plain(x));
    } else {
      int high = (height + window - 1) / window * window;
      int wide = (width + window - 1) / window * window;
      x = b.graph().pad(x, new int[4], new int[] {0, high - height, wide - width, 0});
      Value windows = b.plain(b.call("attention", KerasTensor.plain(windows(b, x, window))));
      Value back = together(b, windows, high, wide, window);
      attended =
          KerasTensor.plain(
              b.graph().slice(back, new int[] {1, 2}, new int[2], new int[] {height, width}));
    }
    KerasTensor sum = b.add(b.input(), attended);
    return b.add(sum, b.chain(sum, "layer_norm2", "mlp_block"));
  }

  /** (batch, height, width, channels) as (batch, windows, rows, columns, channels). */
  private static Value windows(Block b, Value x, int window) {
    int rows = x.shape().size(1) / window;
    int columns = x.shape().size(2) / window;
    int channels = x.shape().size(3);
    Value split = b.reshape(x, rows, window, columns, window, channels);
    split = b.graph().transpose(split, 0, 1, 3, 2, 4, 5);
    return b.reshape(split, rows * columns, window, window, channels);
  }

  private static Value together(Block b, Value windows, int height, int width, int window) {
    int channels = windows.shape().size(4);
    Value x = b.reshape(windows, height / window, width / window, window, window, channels);
    return b.reshape(b.graph().transpose(x, 0, 1, 3, 2, 4, 5), height, width, channels);
  }

  private static void attentionParts(Parts parts, HubArguments a) {
    int units = a.integer("num_heads") * a.integer("key_dim");
    a.skip("input_size");
    parts
        .layer("qkv", Part.dense(3 * units).bias(a.flag("use_bias", true)))
        .layer("projection", Part.dense(units));
    if (a.flag("use_rel_pos", false)) {
      Part relative = Part.hub(MODULE, "AddRelativePositionalEmbedding");
      relative.set("input_size", a.integers("input_size")).set("key_dim", a.integer("key_dim"));
      parts.layer("add_decomposed_relative_pe", relative);
    }
  }

  /** (.., rows, columns, channels): all places of an image, or of a window, see one another. */
  private static KerasTensor attention(Block b, HubArguments a) {
    GraphBuilder graph = b.graph();
    Value all = b.plain(b.call("qkv", b.input()));
    int rank = all.rank();
    int rows = all.shape().size(rank - 3);
    int columns = all.shape().size(rank - 2);
    int units = a.integer("num_heads") * a.integer("key_dim");
    int[] flat = Arrays.copyOf(all.shape().sizes(), rank - 1);
    flat[rank - 3] = rows * columns;
    flat[rank - 2] = 3 * units;
    Value tokens = graph.reshape(all, Shape.of(flat));
    int heads = a.integer("num_heads");
    Value q = Attention.split(b, b.slice(tokens, rank - 2, 0, units), heads);
    Value k = Attention.split(b, b.slice(tokens, rank - 2, units, 2 * units), heads);
    Value v = Attention.split(b, b.slice(tokens, rank - 2, 2 * units, 3 * units), heads);
    Value bias = null;
    if (b.has("add_decomposed_relative_pe")) {
      int[] image = Arrays.copyOf(q.shape().sizes(), q.rank() + 1);
      image[q.rank() - 2] = rows;
      image[q.rank() - 1] = columns;
      image[q.rank()] = a.integer("key_dim");
      KerasTensor queries = KerasTensor.plain(graph.reshape(q, Shape.of(image)));
      bias = b.plain(b.call("add_decomposed_relative_pe", queries));
    }
    double scale = 1 / Math.sqrt(a.integer("key_dim"));
    Value read = Attention.join(b, Attention.read(b, q, k, v, scale, bias));
    int[] sizes = all.shape().sizes();
    sizes[rank - 1] = units;
    return b.call("projection", KerasTensor.plain(graph.reshape(read, Shape.of(sizes))));
  }

  /** (.., rows, columns, size): what is added to the scores of queries and keys, by distance. */
  private static KerasTensor relative(Block b, HubArguments a) {
    GraphBuilder graph = b.graph();
    Value q = b.plain(b.input());
    int rank = q.rank();
    int rows = q.shape().size(rank - 3);
    int columns = q.shape().size(rank - 2);
    a.skip("input_size");
    Value down = graph.matMul(q, distances(b, "rel_pos_h", rows, a.integer("key_dim")));
    int[] swapped = IntStream.range(0, rank).toArray();
    swapped[rank - 3] = rank - 2;
    swapped[rank - 2] = rank - 3;
    Value turned = graph.transpose(q, swapped);
    Value right =
        graph.transpose(
            graph.matMul(turned, distances(b, "rel_pos_w", columns, a.integer("key_dim"))),
            swapped);
    Value sum = graph.add(graph.unsqueeze(down, rank), graph.unsqueeze(right, rank - 1));
    int[] sizes = Arrays.copyOf(q.shape().sizes(), rank - 1);
    sizes[rank - 3] = rows * columns;
    sizes[rank - 2] = rows * columns;
    return KerasTensor.plain(graph.reshape(sum, Shape.of(sizes)));
  }

  /** (queries, size, keys): the row of the table for each distance. */
  private static Value distances(Block b, String table, int size, int keyDim) {
    int[] index = new int[size * size];
    for (int i = 0; i < index.length; i++) {
      index[i] = i / size - i % size + size - 1;
    }
    Value rows = b.gather(b.weight(table, 2 * size - 1, keyDim), 0, index);
    Value square = b.graph().reshape(rows, Shape.of(size, size, keyDim));
    return b.graph().transpose(square, 0, 2, 1);
  }

  private static void mlpParts(Parts parts, HubArguments a) {
    parts.layer(
        "dense_net",
        Part.sequential(
            Part.dense(a.integer("intermediate_dim")).named("dense"),
            Part.activation(a.any("activation", "relu")).named("activation"),
            Part.dense(a.integer("hidden_dim")).named("dense_1")));
  }
}
