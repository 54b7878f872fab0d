package dev.keralens.onnx.operator;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Resize in its several forms, and Upsample. */
final class ResizeOperators {
  static final Map<String, Operator> TABLE =
      Map.of("Resize", ResizeOperators::resize, "Upsample", ResizeOperators::upsample);

  private ResizeOperators() {}

  private static List<Known> resize(OnnxNode node) {
    if (!node.stringAttribute("keep_aspect_ratio_policy", "stretch").equals("stretch")) {
      throw new Refusal("it keeps the aspect ratio");
    }
    Value x = node.value(0);
    int[] given = node.intsAttribute("axes");
    int[] axes =
        given == null
            ? IntStream.range(0, x.rank()).toArray()
            : Arrays.stream(given).map(axis -> OnnxNode.axis(axis, x.rank())).toArray();
    Attributes attributes = attributes(node);
    Numbers sizes = present(node, 3);
    if (sizes != null) {
      return OnnxNode.one(toSizes(node.builder(), x, attributes, sizes, axes));
    }
    Numbers scales = present(node, 2);
    if (scales == null) {
      throw new IllegalArgumentException("it has neither sizes nor scales");
    }
    return OnnxNode.one(byScales(node.builder(), x, attributes, scales, axes));
  }

  private static @Nullable Numbers present(OnnxNode node, int input) {
    Numbers numbers = node.has(input) ? node.numbers(input) : null;
    return numbers == null || numbers.size() == 0 ? null : numbers;
  }

  /**
   * The mode of TensorFlow's nearest neighbour was a name of its own before version 13: floor((x +
   * 0.5) scale), which is half a pixel less, rounded up.
   */
  private static Attributes attributes(OnnxNode node) {
    Attributes attributes = node.attributes("axes", "keep_aspect_ratio_policy");
    String mode = node.stringAttribute("coordinate_transformation_mode", "half_pixel");
    if (mode.equals("tf_crop_and_resize")) {
      throw new Refusal("it crops");
    }
    if (!mode.equals("tf_half_pixel_for_nn")) {
      return attributes;
    }
    if (!node.stringAttribute("nearest_mode", "round_prefer_floor").equals("floor")
        || !node.stringAttribute("mode", "nearest").equals("nearest")) {
      throw new Refusal("it uses tf_half_pixel_for_nn in another way than TensorFlow does");
    }
    return attributes
        .with("coordinate_transformation_mode", "half_pixel")
        .with("nearest_mode", "round_prefer_ceil");
  }

  private static Value toSizes(
      GraphBuilder b, Value x, Attributes attributes, Numbers sizes, int[] axes) {
    requireOneEach(sizes, axes);
    List<Integer> changed = new ArrayList<>();
    List<Integer> targets = new ArrayList<>();
    for (int i = 0; i < axes.length; i++) {
      Linear size = sizes.elements().get(i);
      int from = x.shape().size(axes[i]);
      if (size.equals(Linear.ofSize(from)) || (from < 0 && size.equals(Linear.of(-from)))) {
        continue;
      }
      if (from < 0) {
        throw new Refusal("it resizes the batch");
      }
      changed.add(axes[i]);
      targets.add(Math.toIntExact((long) size.number()));
    }
    if (changed.isEmpty()) {
      return x;
    }
    return b.node(
        Op.RESIZE, attributes.with("axes", ints(changed)), x, null, null, b.ints(ints(targets)));
  }

  private static int[] ints(List<Integer> list) {
    return list.stream().mapToInt(Integer::intValue).toArray();
  }

  private static void requireOneEach(Numbers numbers, int[] axes) {
    if (numbers.size() != axes.length) {
      throw new IllegalArgumentException(
          "%d sizes or scales for %d axes".formatted(numbers.size(), axes.length));
    }
  }

  private static Value byScales(
      GraphBuilder b, Value x, Attributes attributes, Numbers scales, int[] axes) {
    requireOneEach(scales, axes);
    float[] factors = new float[x.rank()];
    Arrays.fill(factors, 1);
    for (int i = 0; i < axes.length; i++) {
      factors[axes[i]] = (float) scales.elements().get(i).number();
      if (!(factors[axes[i]] > 0)) {
        throw new IllegalArgumentException("it has a scale of " + factors[axes[i]]);
      }
    }
    return b.node(Op.RESIZE, attributes, x, null, b.constant(Tensor.of(factors, x.rank())));
  }

  /** Upsample was replaced by Resize: pixels begin at their corner, and positions are cut off. */
  private static List<Known> upsample(OnnxNode node) {
    Value x = node.value(0);
    Attributes attributes =
        Attributes.NONE
            .with("mode", node.stringAttribute("mode", "nearest"))
            .with("coordinate_transformation_mode", "asymmetric")
            .with("nearest_mode", "floor");
    int[] axes = IntStream.range(0, x.rank()).toArray();
    return OnnxNode.one(byScales(node.builder(), x, attributes, node.numbers(1), axes));
  }
}
