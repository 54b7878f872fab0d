package dev.keralens.onnx.operator;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Operators that normalize. */
final class NormalizationOperators {
  static final Map<String, Operator> TABLE =
      Map.of(
          "BatchNormalization",
          NormalizationOperators::batch,
          "GroupNormalization",
          NormalizationOperators::group,
          "LayerNormalization",
          node -> oneOutput(node, Op.LAYER_NORMALIZATION, node.attributes("stash_type"), 3),
          "LogSoftmax",
          node -> softmax(node, Op.LOG_SOFTMAX),
          "MeanVarianceNormalization",
          NormalizationOperators::meanVariance,
          "RMSNormalization",
          NormalizationOperators::rootMeanSquare,
          "Softmax",
          node -> softmax(node, Op.SOFTMAX));

  private NormalizationOperators() {}

  private static List<Known> oneOutput(
      OnnxNode node, Op op, Attributes attributes, int mostInputs) {
    List<@Nullable Value> inputs = new ArrayList<>();
    for (int i = 0; i < Math.min(mostInputs, node.inputCount()); i++) {
      inputs.add(node.optionalValue(i));
    }
    return OnnxNode.computed(node.builder().nodes(op, attributes, 1, inputs));
  }

  private static List<Known> batch(OnnxNode node) {
    // Before version 14, the statistics among its outputs say so.
    boolean givesStatistics =
        node.version() < 14 && IntStream.range(1, node.outputs()).anyMatch(node::wants);
    if (node.intAttribute("training_mode", 0) != 0 || givesStatistics) {
      throw new Refusal(
          "it normalizes with the batch's own statistics, as in training; export the model for"
              + " inference");
    }
    Attributes attributes = Attributes.NONE.with("epsilon", node.floatAttribute("epsilon", 1e-5f));
    return oneOutput(node, Op.BATCH_NORMALIZATION, attributes, 5);
  }

  /** Before version 13, all axes from the given one on are normalized together. */
  private static List<Known> softmax(OnnxNode node, Op op) {
    Value x = node.value(0);
    GraphBuilder b = node.builder();
    int axis = OnnxNode.axis(node.longAttribute("axis", node.version() < 13 ? 1 : -1), x.rank());
    if (node.version() >= 13 || axis == x.rank() - 1) {
      return OnnxNode.one(b.node(op, Attributes.of("axis", axis), x));
    }
    int[] sizes = x.shape().sizes();
    int[] merged = Arrays.copyOf(sizes, axis + 1);
    merged[axis] = 1;
    for (int i = axis; i < sizes.length; i++) {
      if (sizes[i] < 0) {
        throw new Refusal("it normalizes over the batch");
      }
      merged[axis] = Math.multiplyExact(merged[axis], sizes[i]);
    }
    Value flat = b.reshape(x, Shape.of(merged));
    return OnnxNode.one(b.reshape(b.node(op, Attributes.of("axis", axis), flat), x.shape()));
  }

  /**
   * Groups of channels as an axis of their own; from version 21 on, scale and bias are a channel's.
   */
  private static List<Known> group(OnnxNode node) {
    Value x = node.value(0);
    GraphBuilder b = node.builder();
    int groups = node.intAttribute("num_groups", 1);
    int channels = x.shape().size(1);
    if (groups < 1 || channels < groups || channels % groups != 0) {
      throw new IllegalArgumentException("%d groups of %d channels".formatted(groups, channels));
    }
    int[] sizes = x.shape().sizes();
    int area = (int) Tensor.elements(Arrays.copyOfRange(sizes, 2, sizes.length));
    Shape grouped = Shape.of(sizes[0], groups, channels / groups, area);
    float epsilon = node.floatAttribute("epsilon", 1e-5f);
    Value normal = normalized(b, b.reshape(x, grouped), epsilon, true, 2, 3);
    boolean each = node.version() >= 21;
    Shape parameters = each ? Shape.of(groups, channels / groups, 1) : Shape.of(groups, 1, 1);
    Value scaled = b.mul(normal, b.reshape(node.value(1), parameters));
    Value shifted = b.add(scaled, b.reshape(node.value(2), parameters));
    return OnnxNode.one(b.reshape(shifted, x.shape()));
  }

  private static List<Known> meanVariance(OnnxNode node) {
    int[] given = node.intsAttribute("axes");
    int[] axes = given == null ? new int[] {0, 2, 3} : given;
    return OnnxNode.one(normalized(node.builder(), node.value(0), 1e-9f, true, axes));
  }

  private static List<Known> rootMeanSquare(OnnxNode node) {
    Value x = node.value(0);
    int axis = OnnxNode.axis(node.longAttribute("axis", -1), x.rank());
    int[] axes = IntStream.range(axis, x.rank()).toArray();
    Value normal =
        normalized(node.builder(), x, node.floatAttribute("epsilon", 1e-5f), false, axes);
    return OnnxNode.one(node.builder().mul(normal, node.value(1)));
  }

  /**
   * (x - mean) / sqrt(variance + epsilon); without the mean, x / sqrt(mean of squares + epsilon).
   */
  private static Value normalized(
      GraphBuilder b, Value x, float epsilon, boolean centred, int... axes) {
    Value centre = centred ? b.sub(x, b.reduceMean(x, true, axes)) : x;
    Value variance = b.reduceMean(b.mul(centre, centre), true, axes);
    Value added = b.add(variance, b.cast(b.scalar(epsilon), x.type()));
    return b.div(centre, b.node(Op.SQRT, added));
  }
}
