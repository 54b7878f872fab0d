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
import dev.keralens.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;

/** The layers of {@code SwinTransformerBackbone}. Windows are an axis behind the batch's. */
public final class SwinLayers {
  private static final String MODULE = "models.swin_transformer.swin_transformer_layers";

  /** What is added to the scores of places that were not neighbours before the shift. */
  private static final float FAR = -100;

  public static final LayerType PATCHES = HubLayer.of(SwinLayers::patchParts, SwinLayers::patches);
  public static final LayerType STAGE = HubLayer.of(SwinLayers::stageParts, SwinLayers::stage);
  public static final LayerType BLOCK = HubLayer.of(SwinLayers::blockParts, SwinLayers::block);
  public static final LayerType ATTENTION =
      HubLayer.of(SwinLayers::attentionParts, SwinLayers::attention);
  public static final LayerType MERGING =
      HubLayer.of(SwinLayers::mergingParts, SwinLayers::merging);
  public static final LayerType MLP = HubLayer.of(SwinLayers::mlpParts, SwinLayers::mlp);
  public static final LayerType DROP_PATH =
      HubLayer.of((parts, a) -> a.skip("drop_prob", "seed"), (b, a) -> b.input());

  private SwinLayers() {}

  private static void patchParts(Parts parts, HubArguments a) {
    a.channelsLast();
    int patch = a.integer("patch_size", 4);
    Part conv = Part.conv2d(a.integer("embed_dim", 96), patch).set("strides", patch);
    parts.layer("proj", conv);
    if (a.find("norm_layer") != null) {
      parts.layer("norm", Part.layerNormalization(1e-5));
    }
  }

  private static KerasTensor patches(Block b, HubArguments a) {
    return b.callIf("norm", b.flat(b.call("proj", b.input())));
  }

  private static void stageParts(Parts parts, HubArguments a) {
    int depth = a.integer("depth");
    int window = a.integer("window_size", 7);
    a.checkBlocks(depth);
    a.skip("dropout_rate", "attention_dropout", "drop_path");
    for (int i = 0; i < depth; i++) {
      Part block = Part.hub(MODULE, "SwinTransformerBlock").set("window_size", window);
      block.set("dim", a.integer("dim")).set("num_heads", a.integer("num_heads"));
      block.set("input_resolution", a.integers("input_resolution"));
      block.set("shift_size", i % 2 == 0 ? 0 : window / 2);
      block.set("mlp_ratio", a.number("mlp_ratio", 4)).set("qkv_bias", a.flag("qkv_bias", true));
      parts.layer("blocks/" + i, block);
    }
    if (a.find("downsample") != null) {
      Part merging = Part.hub(MODULE, "PatchMerging").set("dim", a.integer("dim"));
      parts.layer("downsample", merging.set("input_resolution", a.integers("input_resolution")));
    }
  }

  private static KerasTensor stage(Block b, HubArguments a) {
    return b.callIf("downsample", b.list("blocks", b.input()));
  }

  private static void blockParts(Parts parts, HubArguments a) {
    int width = a.integer("dim");
    a.skip("dropout_rate", "attention_dropout", "drop_path");
    Part attention = Part.hub(MODULE, "WindowAttention").set("dim", width);
    attention.set("num_heads", a.integer("num_heads"));
    attention.set("window_size", a.integer("window_size", 7));
    attention.set("qkv_bias", a.flag("qkv_bias", true));
    Part mlp = Part.hub(MODULE, "Mlp").set("in_features", width);
    parts
        .layer("norm1", Part.layerNormalization(1e-5))
        .layer("attn", attention)
        .layer("drop_path", Part.hub(MODULE, "DropPath"))
        .layer("norm2", Part.layerNormalization(1e-5))
        .layer("mlp", mlp.set("hidden_features", (int) (width * a.number("mlp_ratio", 4))));
  }

  private static KerasTensor block(Block b, HubArguments a) {
    List<Integer> size = a.integers("input_resolution");
    int height = size.get(0);
    int width = size.get(1);
    int asked = a.integer("window_size", 7);
    int moved = a.integer("shift_size", 0);
    boolean whole = Math.min(height, width) <= asked;
    int window = whole ? Math.min(height, width) : asked;
    int shift = whole ? 0 : moved;
    if (window != asked) {
      throw b.layer()
          .unsupported(
              "its window of %d is larger than the %d x %d places."
                  .formatted(asked, height, width));
    }
    Value x = b.plain(b.image(b.call("norm1", b.input()), height, width));
    x = roll(b, x, shift);
    int high = (height + window - 1) / window * window;
    int wide = (width + window - 1) / window * window;
    x = b.graph().pad(x, new int[4], new int[] {0, high - height, wide - width, 0});
    Value windows = windows(b, x, window);
    KerasTensor attended =
        shift > 0
            ? b.call("attn", KerasTensor.plain(windows), mask(b, height, width, window, shift))
            : b.call("attn", KerasTensor.plain(windows));
    Value back = together(b, b.plain(attended), high, wide, window);
    back = roll(b, back, -shift);
    back = b.graph().slice(back, new int[] {1, 2}, new int[2], new int[] {height, width});
    KerasTensor tokens = b.flat(KerasTensor.plain(back));
    KerasTensor out = b.add(b.input(), b.call("drop_path", tokens));
    return b.add(out, b.chain(out, "norm2", "mlp", "drop_path"));
  }

  /** Moves what lies at the beginning of height and width to their end. */
  private static Value roll(Block b, Value x, int by) {
    Value out = x;
    for (int axis = 1; axis < 3 && by != 0; axis++) {
      int size = x.shape().size(axis);
      int[] places = IntStream.range(0, size).map(i -> Math.floorMod(i + by, size)).toArray();
      out = b.gather(out, axis, places);
    }
    return out;
  }

  /** (batch, height, width, channels) as (batch, windows, places, channels). */
  private static Value windows(Block b, Value x, int window) {
    int rows = x.shape().size(1) / window;
    int columns = x.shape().size(2) / window;
    int channels = x.shape().size(3);
    Value split = b.reshape(x, rows, window, columns, window, channels);
    split = b.graph().transpose(split, 0, 1, 3, 2, 4, 5);
    return b.reshape(split, rows * columns, window * window, channels);
  }

  private static Value together(Block b, Value windows, int height, int width, int window) {
    int channels = windows.shape().size(3);
    Value x = b.reshape(windows, height / window, width / window, window, window, channels);
    return b.reshape(b.graph().transpose(x, 0, 1, 3, 2, 4, 5), height, width, channels);
  }

  /** (windows, places, places): far where two places are of unlike regions. */
  private static KerasTensor mask(Block b, int height, int width, int window, int shift) {
    int columns = (width + window - 1) / window;
    int count = (height + window - 1) / window * columns;
    int places = window * window;
    float[] mask = new float[count * places * places];
    for (int i = 0; i < mask.length; i++) {
      int w = i / (places * places);
      int top = w / columns * window;
      int left = w % columns * window;
      int from = i / places % places;
      int to = i % places;
      int own = region(top + from / window, left + from % window, height, width, window, shift);
      int other = region(top + to / window, left + to % window, height, width, window, shift);
      mask[i] = own == other ? 0 : FAR;
    }
    return KerasTensor.plain(b.graph().constant(Tensor.of(mask, count, places, places)));
  }

  /** One of nine parts of the image; the margin that windows reach into is of the first. */
  private static int region(int row, int column, int height, int width, int window, int shift) {
    return row >= height || column >= width
        ? 0
        : 3 * part(row, height, window, shift) + part(column, width, window, shift);
  }

  private static int part(int place, int size, int window, int shift) {
    return place < size - window ? 0 : place < size - shift ? 1 : 2;
  }

  private static void attentionParts(Parts parts, HubArguments a) {
    int width = a.integer("dim");
    int heads = a.integer("num_heads");
    int size = a.integer("head_dim", width / heads);
    a.skip("attention_dropout", "proj_drop");
    parts
        .weight("relative_position_bias_table")
        .layer("qkv", Part.dense(3 * size * heads).bias(a.flag("qkv_bias", true)))
        .layer("proj", Part.dense(width));
  }

  private static KerasTensor attention(Block b, HubArguments a) {
    GraphBuilder graph = b.graph();
    int heads = a.integer("num_heads");
    int width = a.integer("dim");
    int window = a.integer("window_size", 7);
    int size = a.integer("head_dim", width / heads);
    Value all = b.plain(b.call("qkv", b.input()));
    int last = all.rank() - 1;
    int part = size * heads;
    Value q = Attention.split(b, b.slice(all, last, 0, part), heads);
    Value k = Attention.split(b, b.slice(all, last, part, 2 * part), heads);
    Value v = Attention.split(b, b.slice(all, last, 2 * part, 3 * part), heads);
    Value bias = bias(b, window, heads);
    if (b.layer().argument(1, "mask") != null) {
      // (windows, 1, places, places) and (heads, places, places).
      bias = graph.add(graph.unsqueeze(b.plain(b.argument(1, "mask")), 1), bias);
    }
    double scale = a.number("qk_scale", 1 / Math.sqrt(size));
    Value read = Attention.join(b, Attention.read(b, q, k, v, scale, bias));
    return b.call("proj", KerasTensor.plain(read));
  }

  /** (heads, places, places): what the table says of the distance of two places. */
  private static Value bias(Block b, int window, int heads) {
    int reach = 2 * window - 1;
    int places = window * window;
    int[] index = new int[places * places];
    for (int i = 0; i < index.length; i++) {
      int from = i / places;
      int to = i % places;
      int down = from / window - to / window + window - 1;
      int right = from % window - to % window + window - 1;
      index[i] = down * reach + right;
    }
    Value table = b.weight("relative_position_bias_table", reach * reach, heads);
    Value rows = b.gather(table, 0, index);
    Value square = b.graph().reshape(rows, Shape.of(places, places, heads));
    return b.graph().transpose(square, 2, 0, 1);
  }

  private static void mergingParts(Parts parts, HubArguments a) {
    parts
        .layer("reduction", Part.dense(2 * a.integer("dim")).bias(false))
        .layer("norm", Part.layerNormalization(1e-5));
  }

  /** Four neighbours become one. */
  private static KerasTensor merging(Block b, HubArguments a) {
    GraphBuilder graph = b.graph();
    List<Integer> size = a.integers("input_resolution");
    Value x = b.plain(b.image(b.input(), size.get(0), size.get(1)));
    int high = (size.get(0) + 1) / 2;
    int wide = (size.get(1) + 1) / 2;
    int[] more = {0, 2 * high - size.get(0), 2 * wide - size.get(1), 0};
    int channels = x.shape().size(3);
    x = b.reshape(graph.pad(x, new int[4], more), high, 2, wide, 2, channels);
    // The column comes before the row: (0, 0), (1, 0), (0, 1), (1, 1).
    x = b.reshape(graph.transpose(x, 0, 1, 3, 4, 2, 5), high * wide, 4 * channels);
    return b.chain(KerasTensor.plain(x), "norm", "reduction");
  }

  private static void mlpParts(Parts parts, HubArguments a) {
    int in = a.integer("in_features");
    a.skip("dropout_rate");
    if (a.find("act_layer") != null) {
      a.choice("act_layer", "gelu");
    }
    parts
        .layer("fc1", Part.dense(a.integer("hidden_features", in)))
        .layer("fc2", Part.dense(a.integer("out_features", in)));
  }

  private static KerasTensor mlp(Block b, HubArguments a) {
    return b.call("fc2", b.activate("gelu", b.call("fc1", b.input())));
  }
}
