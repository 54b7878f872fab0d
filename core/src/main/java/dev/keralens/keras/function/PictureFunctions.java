package dev.keralens.keras.function;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.Image;
import dev.keralens.keras.call.Interpolation;
import dev.keralens.keras.call.WindowPadding;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Functions of pictures: resizing, borders, patches. */
final class PictureFunctions {
  private PictureFunctions() {}

  static List<KerasTensor> resize(Operands operands) {
    for (String option :
        List.of("crop_to_aspect_ratio", "pad_to_aspect_ratio", "preserve_aspect_ratio")) {
      if (operands.flag(false, Operands.NAMED, option)) {
        throw operands.layer().unsupported("%s=True is not supported.".formatted(option));
      }
    }
    Image image = operands.image();
    int[] size = operands.integers(1, "size");
    String method = operands.text("bilinear", 2, "interpolation", "method");
    boolean antialias = operands.flag(false, Operands.NAMED, "antialias");
    return List.of(
        image.like(Interpolation.resize(operands.layer(), image.value(), size, method, antialias)));
  }

  static List<KerasTensor> pad(Operands operands) {
    return borders(operands, 1, "padding");
  }

  static List<KerasTensor> crop(Operands operands) {
    return borders(operands, -1, "cropping");
  }

  private static List<KerasTensor> borders(Operands operands, int sign, String suffix) {
    Image image = operands.image();
    int[] rows = sides(operands, image.sizes()[0], sign, suffix, "top_", "bottom_", "height");
    int[] columns = sides(operands, image.sizes()[1], sign, suffix, "left_", "right_", "width");
    int[] before = {0, 0, sign * rows[0], sign * columns[0]};
    int[] after = {0, 0, sign * rows[1], sign * columns[1]};
    return List.of(image.like(operands.graph().pad(image.value(), before, after)));
  }

  /** What is added or cut off on both sides of an axis: two of three numbers are given. */
  private static int[] sides(
      Operands operands,
      int size,
      int sign,
      String suffix,
      String before,
      String after,
      String target) {
    int named = Operands.NAMED;
    boolean first = operands.has(named, before + suffix);
    boolean second = operands.has(named, after + suffix);
    if (first && second) {
      return new int[] {
        operands.integer(named, before + suffix), operands.integer(named, after + suffix)
      };
    }
    int total = sign * (operands.integer(named, "target_" + target) - size);
    if (first) {
      int given = operands.integer(named, before + suffix);
      return new int[] {given, total - given};
    }
    int given = operands.integer(named, after + suffix);
    return new int[] {total - given, given};
  }

  /** 0.2989 red + 0.587 green + 0.114 blue. */
  static List<KerasTensor> grayscale(Operands operands) {
    Image image = operands.image();
    Tensor weights = Tensor.of(new float[] {0.2989f, 0.587f, 0.114f}, 1, 3, 1, 1);
    GraphBuilder graph = operands.graph();
    return List.of(image.like(graph.node(Op.CONV, image.value(), graph.fixed(weights))));
  }

  /** (batch, rows, columns, patch height * patch width * channels). */
  static List<KerasTensor> extractPatches(Operands operands) {
    GraphBuilder graph = operands.graph();
    Image image = operands.image();
    int[] size = pair(operands.integers(1, "size", "sizes"));
    int[] strides = operands.has(2, "strides") ? pair(operands.integers(2, "strides")) : size;
    int[] rates =
        operands.has(3, "dilation_rate", "rates")
            ? pair(operands.integers(3, "dilation_rate", "rates"))
            : new int[] {1, 1};
    String padding = operands.text("valid", 4, "padding");
    WindowPadding window = WindowPadding.of(padding, image.sizes(), size, strides, rates);
    if (window == null) {
      throw operands.layer().unsupported("padding='%s' is not known.".formatted(padding));
    }
    Value padded =
        graph.pad(
            image.value(),
            new int[] {0, 0, window.before()[0], window.before()[1]},
            new int[] {0, 0, window.after()[0], window.after()[1]});
    Value ordered = graph.transpose(patches(graph, padded, window), 0, 2, 4, 3, 5, 1);
    int[] s = ordered.shape().sizes();
    Value rows = graph.reshape(ordered, Shape.of(s[0], s[1], s[2], s[3] * s[4] * s[5]));
    return List.of(
        image.layout() == Layout.CHANNELS_MOVED
            ? KerasTensor.plain(rows)
            : KerasTensor.plain(graph.transpose(rows, 0, 3, 1, 2)));
  }

  /** Channels first: (batch, channels * patch height * patch width, patches). */
  static List<KerasTensor> unfold(Operands operands) {
    GraphBuilder graph = operands.graph();
    Value x = operands.plain(operands.tensor(0, "input", "x"));
    int[] size = pair(operands.integers(1, "kernel_size"));
    int[] rates = option(operands, 1, "dilation");
    int[] border = option(operands, 0, "padding");
    int[] around = {0, 0, border[0], border[1]};
    WindowPadding window = WindowPadding.valid(size, option(operands, 1, "stride"), rates);
    Value split = patches(graph, graph.pad(x, around, around), window);
    Value ordered = graph.transpose(split, 0, 1, 3, 5, 2, 4);
    int[] s = ordered.shape().sizes();
    return List.of(
        KerasTensor.plain(graph.reshape(ordered, Shape.of(s[0], s[1] * s[2] * s[3], s[4] * s[5]))));
  }

  private static int[] option(Operands operands, int otherwise, String name) {
    return operands.has(Operands.NAMED, name)
        ? pair(operands.integers(Operands.NAMED, name))
        : new int[] {otherwise, otherwise};
  }

  /** One number for both axes, two, or TensorFlow's two between those of batch and channels. */
  private static int[] pair(int[] given) {
    if (given.length == 1) {
      return new int[] {given[0], given[0]};
    }
    return given.length == 4 ? Arrays.copyOfRange(given, 1, 3) : given;
  }

  /** (batch, channels, rows, patch height, columns, patch width) of an image with its border. */
  private static Value patches(GraphBuilder graph, Value image, WindowPadding window) {
    Value value = image;
    int[] counts = new int[2];
    for (int i = 0; i < 2; i++) {
      int size = window.kernel()[i];
      int stride = window.strides()[i];
      int rate = window.dilations()[i];
      counts[i] = (value.shape().size(i + 2) - (size - 1) * rate - 1) / stride + 1;
      int[] index =
          IntStream.range(0, counts[i] * size)
              .map(p -> p / size * stride + p % size * rate)
              .toArray();
      value = graph.node(Op.GATHER, Attributes.of("axis", i + 2), value, graph.ints(index));
    }
    int[] s = value.shape().sizes();
    return graph.reshape(
        value, Shape.of(s[0], s[1], counts[0], window.kernel()[0], counts[1], window.kernel()[1]));
  }
}
