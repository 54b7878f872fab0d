package dev.keralens.keras.hub.image;

import dev.keralens.keras.build.LayerSpec;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.argument.Levels;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The levels of a MiT backbone, brought to one size and joined. */
public final class SegFormerBackbone {
  private SegFormerBackbone() {}

  public static SymbolicTensor build(ModelBuilder b, HubArguments arguments) {
    int filters = arguments.integer("projection_filters");
    Levels encoder = arguments.encoder("image_encoder");
    SymbolicTensor image = b.input(arguments.sizes("image_encoder", encoder.inputShape()));
    Map<String, SymbolicTensor> levels = encoder.call(b, "functional", image);
    SymbolicTensor first = arguments.level(levels, "P1");
    List<SymbolicTensor> resized = new ArrayList<>();
    LayerSpec resizing = b.resizing(first.size(0), first.size(1));
    for (SymbolicTensor level : levels.values()) {
      SymbolicTensor x = b.dense(filters).name("linear_" + level.channels()).apply(level);
      resized.add(0, resizing.apply(x));
    }
    SymbolicTensor x = b.concatenate().apply(resized.toArray(new SymbolicTensor[0]));
    LayerSpec conv = b.conv2d(filters, 1).useBias(false);
    LayerSpec normalization = b.batchNormalization().epsilon(1e-5);
    return b.sequential(conv, normalization, b.activation("relu")).apply(x);
  }

  /** The task: classes of places, in the size of the picture. */
  public static SymbolicTensor segmenter(
      ModelBuilder b, SymbolicTensor features, HubArguments arguments) {
    int[] size = arguments.pictureSize();
    SymbolicTensor x = b.dropout(0.1).apply(features);
    x = b.conv2d(arguments.integer("num_classes"), 1).apply(x);
    return b.resizing(size[0], size[1]).apply(x);
  }
}
