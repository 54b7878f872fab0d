package dev.keralens.keras.hub.image;

import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.hub.argument.HubArguments;
import java.util.List;

/** Stacks of convolutions, each with a maximum behind it. */
public final class VggBackbone {
  private VggBackbone() {}

  public static SymbolicTensor build(ModelBuilder b, HubArguments arguments) {
    List<Integer> repeats = arguments.blocks("stackwise_num_repeats");
    List<Integer> filters = arguments.integers("stackwise_num_filters");
    arguments.sameLength("stackwise_num_repeats and stackwise_num_filters", repeats, filters);
    SymbolicTensor x = b.input(arguments.shape("image_shape"));
    for (int stack = 0; stack < repeats.size(); stack++) {
      String name = "block" + (stack + 1);
      for (int i = 1; i <= repeats.get(stack); i++) {
        x =
            b.conv2d(filters.get(stack), 3)
                .padding("same")
                .activation("relu")
                .name(name + "_conv" + i)
                .apply(x);
      }
      x = b.maxPooling2d(2).strides(2).name(name + "_pool").apply(x);
    }
    return x;
  }
}
