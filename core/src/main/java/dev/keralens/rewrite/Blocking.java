package dev.keralens.rewrite;

import static dev.keralens.rewrite.BlockedLayout.fits;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Says what stands between two convolutions in operators that ONNX Runtime computes in the blocked
 * layout of its convolutions, so that it need not bring values out of it and back.
 *
 * <ul>
 *   <li>A mask of ReLU, or of ReLU6, is a convolution of one weight a channel, or a few ({@link
 *       Masks}).
 *   <li>One minus a value, and a product with one number for each channel, is a convolution of one
 *       weight a channel as well.
 *   <li>One number for each image and channel is repeated to the size of what it is multiplied
 *       with, or added to, instead of broadcast.
 *   <li>A number for each pixel, the same for all images and channels, comes of a convolution
 *       ({@link Patterns}).
 *   <li>A sum over an image is its mean, times its size.
 *   <li>Every second pixel is taken, and pixels are cut off, by a convolution ({@link
 *       PickedPixels}).
 * </ul>
 */
final class Blocking {
  private final BlockedLayout layout = new BlockedLayout();
  private final Lines lines = new Lines();
  private final Masks masks = new Masks(layout, lines);
  private final Patterns patterns = new Patterns();
  private final PickedPixels pixels = new PickedPixels(layout);

  private Blocking() {}

  static Graph rewrite(Graph graph) {
    return Pass.run(graph, new Blocking()::visit);
  }

  private @Nullable Value visit(Node node, Pass pass) {
    Value replacement =
        switch (node.op()) {
          case MUL -> product(node, pass);
          case ADD -> sum(node, pass);
          case SUB -> difference(node, pass);
          case REDUCE_SUM -> imageSum(node, pass);
          case SLICE -> pixels.second(node, pass);
          case PAD -> padded(node, pass);
          default -> null;
        };
    if (replacement != null || layout.isGivenBy(node, pass)) {
      layout.add(node.output());
    }
    return replacement;
  }

  private @Nullable Value padded(Node pad, Pass pass) {
    Value padded = pixels.padded(pad, pass);
    return padded == null ? pixels.cropped(pad, pass) : padded;
  }

  private @Nullable Value product(Node mul, Pass pass) {
    for (int i = 0; i < 2; i++) {
      Value x = mul.input(i);
      Value factor = mul.input(1 - i);
      if (layout.contains(x) && fits(x) && x.shape().equals(mul.output().shape())) {
        Value masked = masks.masked(x, factor, pass);
        if (masked != null) {
          return masked;
        }
        if (isPerImage(factor, x)) {
          return pass.builder().mul(pass.copy(x), repeated(factor, x, pass));
        }
        Constant scale = pass.constant(factor);
        if (scale != null && isPerChannel(scale, x)) {
          return lines.scaled(pass.copy(x), scale, pass);
        }
        Value pattern = patterns.inBlocks(factor, x, pass);
        if (pattern != null) {
          return pass.builder().mul(pass.copy(x), pattern);
        }
      }
    }
    return null;
  }

  /** Adds a number for each image and channel that was expanded. */
  private @Nullable Value sum(Node add, Pass pass) {
    for (int i = 0; i < 2; i++) {
      Value x = add.input(i);
      Node expand = pass.producer(add.input(1 - i), Op.EXPAND);
      if (expand != null
          && layout.contains(x)
          && fits(x)
          && x.shape().equals(add.output().shape())
          && isPerImage(expand.input(0), x)) {
        return pass.builder().add(pass.copy(x), repeated(expand.input(0), x, pass));
      }
    }
    return null;
  }

  private static boolean isPerImage(Value value, Value images) {
    Shape shape = images.shape();
    return fits(value)
        && value.shape().equals(shape.with(2, 1).with(3, 1))
        && !value.equals(images);
  }

  private static boolean isPerChannel(Constant constant, Value images) {
    int[] shape = constant.shape();
    int channels = images.shape().size(1);
    return constant.type() == ElementType.FLOAT32
        && shape.length >= 3
        && shape[shape.length - 3] == channels
        && Tensor.elements(shape) == channels;
  }

  private Value repeated(Value value, Value images, Pass pass) {
    Value copy = pass.copy(value);
    Value known = layout.contains(value) ? copy : lines.line(copy, 1, 0, pass);
    float height = images.shape().size(2);
    float width = images.shape().size(3);
    if (height == 1 && width == 1) {
      return known;
    }
    Attributes nearest =
        Attributes.NONE
            .with("mode", "nearest")
            .with("coordinate_transformation_mode", "asymmetric")
            .with("nearest_mode", "floor");
    Value scales = pass.builder().constant(Tensor.of(new float[] {1, 1, height, width}, 4));
    return pass.builder().node(Op.RESIZE, nearest, known, null, scales);
  }

  private @Nullable Value difference(Node sub, Pass pass) {
    Value x = sub.input(1);
    Float from = BlockedLayout.number(pass.constant(sub.input(0)));
    boolean applies =
        from != null && layout.contains(x) && fits(x) && x.shape().equals(sub.output().shape());
    return applies && from != null ? lines.line(pass.copy(x), -1, from, pass) : null;
  }

  private @Nullable Value imageSum(Node sum, Pass pass) {
    Value x = sum.input(0);
    Constant axes = pass.constant(sum.optionalInput(1));
    if (axes == null
        || !layout.contains(x)
        || !fits(x)
        || !Arrays.equals(axes.tensor().toIntArray(), new int[] {2, 3})
        || sum.attributes().getInt("keepdims", 1) == 0) {
      return null;
    }
    Value mean = pass.builder().node(Op.GLOBAL_AVERAGE_POOL, pass.copy(x));
    return lines.line(mean, x.shape().size(2) * x.shape().size(3), 0, pass);
  }
}
