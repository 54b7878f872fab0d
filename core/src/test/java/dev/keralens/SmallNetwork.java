package dev.keralens;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.network.InputSpec;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layer;
import dev.keralens.network.Layout;
import dev.keralens.network.Network;
import dev.keralens.network.NetworkSource;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** Networks that are written down in tests, channels last at their doors as those of Keras. */
final class SmallNetwork {
  final GraphBuilder b = new GraphBuilder();
  private final List<Layer> layers = new ArrayList<>();
  private final List<KerasTensor> inputs = new ArrayList<>();

  /** Adds layers, from the inputs to the outputs. */
  @FunctionalInterface
  interface Body {
    List<KerasTensor> build(SmallNetwork network, List<KerasTensor> inputs);
  }

  /** A model with an input for each row of sizes, which leave out the batch. */
  static Model model(Body body, int[]... sizes) {
    List<InputSpec> specs = new ArrayList<>();
    for (int i = 0; i < sizes.length; i++) {
      List<Integer> axes = Arrays.stream(sizes[i]).boxed().toList();
      specs.add(new InputSpec("input" + i, ElementType.FLOAT32, axes));
    }
    return Model.of(
        "small",
        new NetworkSource() {
          @Override
          public List<InputSpec> inputs() {
            return specs;
          }

          @Override
          public Network network(List<Shape> shapes) {
            return new SmallNetwork().network(body, shapes);
          }
        });
  }

  private Network network(Body body, List<Shape> shapes) {
    for (int i = 0; i < shapes.size(); i++) {
      inputs.add(KerasTensor.plain(b.input("input" + i, ElementType.FLOAT32, shapes.get(i))));
    }
    List<KerasTensor> outputs =
        body.build(this, inputs).stream().map(this::plain).map(KerasTensor::plain).toList();
    return new Network(
        b.build(outputs.stream().map(KerasTensor::value).toList()), inputs, outputs, layers);
  }

  private Value plain(KerasTensor tensor) {
    return tensor.layout() == Layout.CHANNELS_MOVED
        ? b.transpose(tensor.value(), KerasTensor.channelsLast(tensor.value().rank()))
        : tensor.value();
  }

  KerasTensor layer(String name, String className, KerasTensor in, Value value, Layout layout) {
    KerasTensor out = new KerasTensor(value, layout);
    layers.add(
        new Layer(name, className, List.of(new Layer.Call(List.of(in), List.of(out))), Map.of()));
    return out;
  }

  private Value channelsFirst(KerasTensor in) {
    return in.layout().isChannelsFirst()
        ? in.value()
        : b.transpose(in.value(), KerasTensor.channelsFirst(in.value().rank()));
  }

  /** A convolution with "same" padding: the kernel is (out, in, sizes...). */
  KerasTensor convolution(String name, KerasTensor in, float[] kernel, float[] bias, int... sizes) {
    Value x = channelsFirst(in);
    int rank = x.rank() - 2;
    int channels = x.shape().size(1);
    int[] shape =
        IntStream.concat(IntStream.of(bias.length, channels), Arrays.stream(sizes)).toArray();
    int[] pads = new int[2 * rank];
    Arrays.setAll(pads, i -> sizes[i % rank] / 2);
    Attributes attributes = Attributes.of("pads", pads);
    Value sum =
        b.node(
            Op.CONV,
            attributes,
            x,
            b.constant(Tensor.of(kernel, shape)),
            b.constant(Tensor.of(bias, bias.length)));
    return layer(name, "Conv" + rank + "D", in, sum, Layout.CHANNELS_MOVED);
  }

  KerasTensor relu(String name, KerasTensor in) {
    return layer(name, "ReLU", in, b.relu(in.value()), in.layout());
  }

  KerasTensor globalAverage(String name, KerasTensor in) {
    int rank = in.value().rank();
    int[] spatial = IntStream.range(2, rank).toArray();
    Value mean = b.reduceMean(in.value(), false, spatial);
    return layer(name, "GlobalAveragePooling" + (rank - 2) + "D", in, mean, Layout.PLAIN);
  }

  KerasTensor dense(String name, KerasTensor in, float[] kernel, int units) {
    Value product =
        b.matMul(in.value(), b.constant(Tensor.of(kernel, kernel.length / units, units)));
    return layer(name, "Dense", in, product, Layout.PLAIN);
  }

  static float[] random(int seed, int... sizes) {
    Random random = new Random(seed);
    float[] out = new float[Math.toIntExact(Tensor.elements(sizes))];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) random.nextGaussian();
    }
    return out;
  }

  /** Two convolutions, a global average, a dense layer of three units. */
  static List<KerasTensor> classifier(SmallNetwork n, KerasTensor in, int... kernel) {
    int area = Arrays.stream(kernel).reduce(1, (a, c) -> a * c);
    KerasTensor first =
        n.relu("relu1", n.convolution("conv1", in, random(1, 4 * 2 * area), random(2, 4), kernel));
    KerasTensor second =
        n.relu(
            "relu2", n.convolution("conv2", first, random(3, 5 * 4 * area), random(4, 5), kernel));
    return List.of(n.dense("dense", n.globalAverage("gap", second), random(5, 5 * 3), 3));
  }
}
