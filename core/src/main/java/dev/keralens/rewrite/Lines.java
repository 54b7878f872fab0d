package dev.keralens.rewrite;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.Constant;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Multiples of images, as convolutions of one weight a channel, which keep the blocked layout. */
final class Lines {
  private final Map<List<Object>, Value> kernels = new HashMap<>();

  /**
   * {@return weight * x + bias}
   *
   * @param x a value of the new graph, (batch, channels, height, width)
   */
  Value line(Value x, float weight, float bias, Pass pass) {
    int channels = x.shape().size(1);
    Value kernel = filled(weight, pass, channels, 1, 1, 1);
    Attributes attributes = Attributes.of("group", channels).with("kernel_shape", 1, 1);
    return bias == 0
        ? pass.builder().node(Op.CONV, attributes, x, kernel)
        : pass.builder().node(Op.CONV, attributes, x, kernel, filled(bias, pass, channels));
  }

  /**
   * {@return x times one number for each channel}
   *
   * @param x a value of the new graph, (batch, channels, height, width)
   */
  Value scaled(Value x, Constant scale, Pass pass) {
    int channels = x.shape().size(1);
    int[] shape = {channels, 1, 1, 1};
    Value kernel =
        pass.builder()
            .constant(
                "scale",
                Constant.deferred(
                    ElementType.FLOAT32,
                    shape,
                    () -> Tensor.of(scale.tensor().toFloatArray(), shape)));
    Attributes attributes = Attributes.of("group", channels).with("kernel_shape", 1, 1);
    return pass.builder().node(Op.CONV, attributes, x, kernel);
  }

  private Value filled(float number, Pass pass, int... shape) {
    return kernels.computeIfAbsent(
        List.of(number, Shape.of(shape)),
        unused -> {
          float[] all = new float[Math.toIntExact(Tensor.elements(shape))];
          Arrays.fill(all, number);
          return pass.builder().constant(Tensor.of(all, shape));
        });
  }
}
