package dev.keralens.keras.hub.vision;

import dev.keralens.graph.Value;
import dev.keralens.keras.call.LayerType;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.part.Block;
import dev.keralens.keras.hub.part.HubLayer;
import dev.keralens.keras.hub.part.Part;
import dev.keralens.keras.hub.part.Parts;
import dev.keralens.network.KerasTensor;

/** The convolutions that join the levels of {@code DFineBackbone}. */
public final class DFineConvolutions {
  private static final String MODULE = "models.d_fine.d_fine_layers";
  private static final double EPSILON = 1e-5;
  private static final String SILU = "silu";

  public static final LayerType CONVOLUTION =
      HubLayer.of(
          DFineConvolutions::convolutionParts,
          (b, a) ->
              b.chain(b.input(), "margin", "convolution", "normalization", "activation_layer"));
  public static final LayerType REPEATED =
      HubLayer.of(DFineConvolutions::repeatedParts, DFineConvolutions::repeated);
  public static final LayerType PARTIAL =
      HubLayer.of(DFineConvolutions::partialParts, DFineConvolutions::partial);
  public static final LayerType AGGREGATION =
      HubLayer.of(DFineConvolutions::aggregationParts, DFineConvolutions::aggregation);
  public static final LayerType DOWN =
      HubLayer.of(DFineConvolutions::downParts, (b, a) -> b.chain(b.input(), "conv1", "conv2"));

  private DFineConvolutions() {}

  /** {@return a convolution with a margin, so that a stride of 1 keeps the size} */
  static Part convolution(int filters, int kernel, int stride, int groups, String activation) {
    return Part.hub(MODULE, "DFineConvNormLayer")
        .set("filters", filters)
        .set("kernel_size", kernel)
        .set("stride", stride)
        .set("groups", groups)
        .set("activation_function", activation);
  }

  private static Part plain(int filters, int kernel, String activation) {
    return convolution(filters, kernel, 1, 1, activation);
  }

  /** {@return the joining of features of two levels} */
  static Part aggregation(int filters, double expansion, int blocks) {
    return Part.hub(MODULE, "DFineFeatureAggregationBlock")
        .set("encoder_hidden_dim", filters)
        .set("hidden_expansion", expansion)
        .set("num_blocks", blocks);
  }

  /** {@return what halves height and width} */
  static Part down(int filters) {
    return Part.hub(MODULE, "DFineSCDown").set("encoder_hidden_dim", filters);
  }

  private static void convolutionParts(Parts parts, HubArguments a) {
    int kernel = a.integer("kernel_size");
    Part margin = Part.zeroPadding2d((kernel - 1) / 2);
    Part conv = Part.conv2d(a.integer("filters"), kernel).set("strides", a.integer("stride"));
    conv.set("groups", a.integer("groups")).bias(false);
    parts
        .layer("margin", margin)
        .layer("convolution", conv)
        .layer("normalization", Part.batchNormalization(EPSILON))
        .layer("activation_layer", Part.activation(a.text("activation_function")));
  }

  private static void repeatedParts(Parts parts, HubArguments a) {
    int filters = a.integer("filters");
    parts
        .layer("conv1_layer", plain(filters, 3, "linear"))
        .layer("conv2_layer", plain(filters, 1, "linear"))
        .layer("activation_layer", Part.activation(SILU));
  }

  private static KerasTensor repeated(Block b, HubArguments a) {
    KerasTensor x = b.add(b.call("conv1_layer", b.input()), b.call("conv2_layer", b.input()));
    return b.call("activation_layer", x);
  }

  private static void partialParts(Parts parts, HubArguments a) {
    int filters = a.integer("filters");
    int blocks = a.integer("num_blocks");
    a.checkBlocks(blocks);
    parts.layer("conv1", plain(filters, 1, SILU)).layer("conv2", plain(filters, 1, SILU));
    for (int i = 0; i < blocks; i++) {
      parts.layer(
          "bottleneck_layers/" + i, Part.hub(MODULE, "DFineRepVggBlock").set("filters", filters));
    }
  }

  private static KerasTensor partial(Block b, HubArguments a) {
    KerasTensor x = b.list("bottleneck_layers", b.call("conv1", b.input()));
    return b.add(x, b.call("conv2", b.input()));
  }

  private static Part partial(int filters, int blocks) {
    return Part.hub(MODULE, "DFineCSPRepLayer").set("filters", filters).set("num_blocks", blocks);
  }

  private static void aggregationParts(Parts parts, HubArguments a) {
    int wide = a.integer("encoder_hidden_dim");
    int narrow = (int) (a.number("hidden_expansion") * wide / 2);
    int blocks = a.integer("num_blocks");
    parts
        .layer("conv1", plain(wide * 2, 1, SILU))
        .layer("csp_rep1", partial(narrow, blocks))
        .layer("conv2", plain(narrow, 3, SILU))
        .layer("csp_rep2", partial(narrow, blocks))
        .layer("conv3", plain(narrow, 3, SILU))
        .layer("conv4", plain(wide, 1, SILU));
  }

  /** Half of the channels go through both branches, one behind the other; all are joined. */
  private static KerasTensor aggregation(Block b, HubArguments a) {
    KerasTensor all = b.call("conv1", b.input());
    Value x = b.plain(all);
    int half = a.integer("encoder_hidden_dim");
    KerasTensor second = KerasTensor.plain(b.slice(x, 3, half, 2 * half));
    KerasTensor first = b.chain(second, "csp_rep1", "conv2");
    return b.call("conv4", b.concat(3, all, first, b.chain(first, "csp_rep2", "conv3")));
  }

  private static void downParts(Parts parts, HubArguments a) {
    int filters = a.integer("encoder_hidden_dim");
    parts
        .layer("conv1", plain(filters, 1, "linear"))
        .layer("conv2", convolution(filters, 3, 2, filters, "linear"));
  }
}
