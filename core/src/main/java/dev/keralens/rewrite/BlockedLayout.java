package dev.keralens.rewrite;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.Constant;
import dev.keralens.graph.Node;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.tensor.ElementType;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which values ONNX Runtime keeps in blocks of channels, the layout in which its convolutions are
 * fastest: what convolutions and poolings give, and what a few operators make of such values alone.
 *
 * <p>A mistake here costs time, and changes no result.
 */
public final class BlockedLayout {
  /**
   * The engine's block: 16 channels on processors with AVX-512, 8 on others. The property is for
   * tests, which pass with both on any processor.
   */
  private static final int BLOCK =
      Integer.getInteger("keralens.block", hasAvx512(Path.of("/proc/cpuinfo")) ? 16 : 8);

  private final Set<Value> blocked = new HashSet<>();

  /** Where the system does not tell what the processor has, 16 is the size that fits both. */
  static boolean hasAvx512(Path processors) {
    try (BufferedReader lines = Files.newBufferedReader(processors)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("flags")) {
          return line.contains(" avx512f");
        }
      }
      return true;
    } catch (IOException e) {
      return true;
    }
  }

  /** {@return how many channels the engine has in a block} */
  static int block() {
    return BLOCK;
  }

  /** {@return whether a value of the old graph is kept in blocks} */
  boolean contains(@Nullable Value value) {
    return value != null && blocked.contains(value);
  }

  void add(Value value) {
    blocked.add(value);
  }

  /** {@return whether a value has images of floats, whose channels fill whole blocks} */
  static boolean fits(Value value) {
    Shape shape = value.shape();
    return value.type() == ElementType.FLOAT32
        && shape.rank() == 4
        && shape.size(0) < 0
        && shape.size(1) % BLOCK == 0;
  }

  /** {@return whether the engine gives the output of a node in blocks} */
  boolean isGivenBy(Node node, Pass pass) {
    return switch (node.op()) {
      case CONV -> isConvolution(node, pass);
      case MAX_POOL, AVERAGE_POOL -> node.outputs().size() == 1 && fits(node.input(0));
      case GLOBAL_AVERAGE_POOL, GLOBAL_MAX_POOL -> contains(node.input(0)) && fits(node.input(0));
      case BATCH_NORMALIZATION, RELU, SIGMOID, TANH -> contains(node.input(0));
      case CLIP -> contains(node.input(0)) && pass.isReadOnce(node.input(0));
      case ADD, MUL ->
          node.inputs().stream()
              .allMatch(x -> contains(x) && x != null && x.shape().equals(node.output().shape()));
      case CONCAT ->
          node.attributes().getInt("axis", 0) == 1
              && node.inputs().stream().allMatch(x -> contains(x) && x != null && fits(x));
      case RESIZE -> contains(node.input(0)) && repeats(node.attributes());
      default -> false;
    };
  }

  private static boolean isConvolution(Node conv, Pass pass) {
    Constant kernel = pass.constant(conv.input(1));
    if (kernel == null || kernel.type() != ElementType.FLOAT32 || kernel.shape().length != 4) {
      return false;
    }
    int outputs = kernel.shape()[0];
    int inputs = kernel.shape()[1];
    int group = conv.attributes().getInt("group", 1);
    if (group == 1) {
      return inputs < 8 || inputs % BLOCK == 0;
    }
    boolean depthwise = inputs == 1 && outputs == group;
    return outputs % BLOCK == 0
        && (depthwise || (inputs % BLOCK == 0 && outputs / group % BLOCK == 0));
  }

  private static boolean repeats(Attributes attributes) {
    return attributes.getString("mode", "nearest").equals("nearest")
        && attributes.getString("coordinate_transformation_mode", "half_pixel").equals("asymmetric")
        && attributes.getString("nearest_mode", "round_prefer_floor").equals("floor");
  }

  /** {@return the one number that a constant consists of; null where it is none} */
  static @Nullable Float number(@Nullable Constant constant) {
    boolean one =
        constant != null
            && constant.isHeld()
            && constant.type() == ElementType.FLOAT32
            && Arrays.stream(constant.shape()).allMatch(size -> size == 1);
    return one && constant != null ? constant.tensor().toFloatArray()[0] : null;
  }
}
