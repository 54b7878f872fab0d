package dev.keralens.keras.hub.image;

import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.hub.argument.HubArguments;
import java.util.List;

/** Separable convolutions in residual blocks; the first and the last block have no shortcut. */
public final class XceptionBackbone {
  private final ModelBuilder b;

  private XceptionBackbone(ModelBuilder b) {
    this.b = b;
  }

  public static SymbolicTensor build(ModelBuilder b, HubArguments arguments) {
    List<List<Integer>> filters = arguments.integerLists("stackwise_conv_filters");
    List<Boolean> pooled = arguments.flags("stackwise_pooling");
    arguments.sameLength("stackwise_conv_filters and stackwise_pooling", filters, pooled);
    arguments.checkBlocks(filters.stream().mapToLong(List::size).sum());
    arguments.channelsLast();
    XceptionBackbone network = new XceptionBackbone(b);
    SymbolicTensor x = b.input(arguments.shape("image_shape"));
    for (int i = 0; i < filters.size(); i++) {
      String name = "block" + (i + 1);
      SymbolicTensor before = x;
      boolean first = i == 0;
      boolean last = i == filters.size() - 1;
      if (first) {
        x = network.entry(x, filters.get(i), name);
      } else {
        x = network.separable(x, filters.get(i), last, i > 1, name);
      }
      if (pooled.get(i)) {
        x = b.maxPooling2d(3).strides(2).padding("same").name(name + "_pool").apply(x);
      }
      if (!first && !last) {
        x = network.residual(x, before, name + "_residual");
      }
    }
    return x;
  }

  private SymbolicTensor entry(SymbolicTensor before, List<Integer> filters, String name) {
    SymbolicTensor x = before;
    for (int i = 0; i < filters.size(); i++) {
      String conv = name + "_conv" + (i + 1);
      x = b.conv2d(filters.get(i), 3).strides(i == 0 ? 2 : 1).useBias(false).name(conv).apply(x);
      x = b.batchNormalization().name(conv + "_bn").apply(x);
      x = activated(x, conv);
    }
    return x;
  }

  /** The activation is behind each convolution of the last block, before each of the others. */
  private SymbolicTensor separable(
      SymbolicTensor before, List<Integer> filters, boolean last, boolean firstToo, String name) {
    SymbolicTensor x = before;
    for (int i = 0; i < filters.size(); i++) {
      String conv = name + "_sepconv" + (i + 1);
      if (!last && (firstToo || i > 0)) {
        x = activated(x, conv);
      }
      x = b.separableConv2d(filters.get(i), 3).padding("same").useBias(false).name(conv).apply(x);
      x = b.batchNormalization().name(conv + "_bn").apply(x);
      if (last) {
        x = activated(x, conv);
      }
    }
    return x;
  }

  private SymbolicTensor residual(SymbolicTensor x, SymbolicTensor before, String name) {
    SymbolicTensor shortcut = before;
    if (x.channels() != before.channels()) {
      shortcut =
          b.conv2d(x.channels(), 1)
              .strides(2)
              .padding("same")
              .useBias(false)
              .name(name + "_conv")
              .apply(shortcut);
      shortcut = b.batchNormalization().name(name + "_bn").apply(shortcut);
    }
    return b.add().name(name + "_add").apply(x, shortcut);
  }

  private SymbolicTensor activated(SymbolicTensor x, String name) {
    return b.activation("relu").name(name + "_act").apply(x);
  }
}
