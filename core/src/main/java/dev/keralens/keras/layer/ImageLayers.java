package dev.keralens.keras.layer;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.Activations;
import dev.keralens.keras.call.Image;
import dev.keralens.keras.call.Interpolation;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.ElementType;

/** Layers that resize, crop and recolour pictures at inference too. */
final class ImageLayers {
  private ImageLayers() {}

  public static KerasTensor resizing(LayerCall layer) {
    Image image = floating(layer);
    int height = layer.config().positives("height", 1, 1)[0];
    int width = layer.config().positives("width", 1, 1)[0];
    String method = layer.config().text("interpolation", "bilinear");
    boolean antialias = layer.config().flag("antialias", false);
    Value value = image.value();
    if (layer.config().flag("crop_to_aspect_ratio", false)) {
      value = cropToAspect(layer.graph(), image, height, width);
    } else if (layer.config().flag("pad_to_aspect_ratio", false)) {
      value = padToAspect(layer, image, height, width);
    }
    return image.like(
        Interpolation.resize(layer, value, new int[] {height, width}, method, antialias));
  }

  /** The middle of the picture; one that is too small is resized to cover the size first. */
  static KerasTensor centerCrop(LayerCall layer) {
    Image image = floating(layer);
    int height = layer.config().positives("height", 1, 1)[0];
    int width = layer.config().positives("width", 1, 1)[0];
    if (image.sizes()[0] < height || image.sizes()[1] < width) {
      return image.like(cover(layer, image, height, width));
    }
    return image.like(
        crop(
            layer.graph(),
            image.value(),
            (image.sizes()[0] - height) / 2,
            (image.sizes()[1] - width) / 2,
            height,
            width));
  }

  /** At inference Keras 2 resizes the picture to cover the size; Keras 3 leaves it as it is. */
  public static KerasTensor randomCrop(LayerCall layer) {
    layer.refuseTraining();
    if (layer.kerasVersion() >= 3) {
      return layer.input();
    }
    Image image = floating(layer);
    return image.like(
        cover(
            layer,
            image,
            layer.config().positives("height", 1, 1)[0],
            layer.config().positives("width", 1, 1)[0]));
  }

  /** Stretches each channel so that it reaches from one end of {@code value_range} to the other. */
  static KerasTensor autoContrast(LayerCall layer) {
    GraphBuilder graph = layer.graph();
    Image image = floating(layer);
    double low = 0;
    double high = 255;
    if (layer.config().has("value_range")) {
      float[] range = layer.config().numbers("value_range");
      low = Math.min(range[0], range[1]);
      high = Math.max(range[0], range[1]);
    }
    Value x = image.value();
    Value smallest = graph.reduce(Op.REDUCE_MIN, x, true, 2, 3);
    Value largest = graph.reduce(Op.REDUCE_MAX, x, true, 2, 3);
    Value unit = graph.div(graph.sub(x, smallest), graph.sub(largest, smallest));
    Value scaled =
        graph.add(
            graph.mul(Activations.clip(graph, unit, 0, 1), high - low), graph.scalar((float) low));
    Value even = graph.node(Op.EQUAL, largest, smallest);
    return image.like(graph.where(even, x, scaled));
  }

  private static Image floating(LayerCall layer) {
    Image image = layer.image(layer.input());
    if (image.spatialRank() != 2) {
      throw new IllegalArgumentException(
          "it takes (batch, height, width, channels), got %s.".formatted(layer.input().shape()));
    }
    return new Image(layer.graph().cast(image.value(), ElementType.FLOAT32), image.layout());
  }

  private static Value cover(LayerCall layer, Image image, int height, int width) {
    Value cropped = cropToAspect(layer.graph(), image, height, width);
    return Interpolation.resize(layer, cropped, new int[] {height, width}, "bilinear", false);
  }

  /** The largest part from the middle that has the aspect ratio of the target. */
  private static Value cropToAspect(GraphBuilder graph, Image image, int height, int width) {
    int rows = image.sizes()[0];
    int columns = image.sizes()[1];
    int keptRows = Math.max(1, Math.min(rows, (int) ((float) (columns * height) / width)));
    int keptColumns = Math.max(1, Math.min(columns, (int) ((float) (rows * width) / height)));
    return crop(
        graph,
        image.value(),
        (rows - keptRows) / 2,
        (columns - keptColumns) / 2,
        keptRows,
        keptColumns);
  }

  private static Value crop(
      GraphBuilder graph, Value image, int top, int left, int height, int width) {
    int bottom = image.shape().size(2) - top - height;
    int right = image.shape().size(3) - left - width;
    return graph.pad(image, new int[] {0, 0, -top, -left}, new int[] {0, 0, -bottom, -right});
  }

  /** The smallest picture around it that has the aspect ratio of the target. */
  private static Value padToAspect(LayerCall layer, Image image, int height, int width) {
    int rows = image.sizes()[0];
    int columns = image.sizes()[1];
    int top = (Math.max(rows, (int) ((float) (columns * height) / width)) - rows) / 2;
    int left = (Math.max(columns, (int) ((float) (rows * width) / height)) - columns) / 2;
    int[] border = {0, 0, top, left};
    double fill = layer.config().number("fill_value", 0);
    return layer.graph().pad(image.value(), border, border, fill);
  }
}
