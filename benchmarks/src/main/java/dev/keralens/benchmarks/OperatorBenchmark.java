package dev.keralens.benchmarks;

import dev.keralens.grad.Differentiator;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Operators of convolutional networks by themselves, forward and with their gradient. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class OperatorBenchmark {
  private static final int BATCH = 8;
  private static final int CHANNELS = 128;
  private static final int SIZE = 56;

  private static final Map<String, BiFunction<GraphBuilder, Value, Value>> OPERATORS =
      Map.ofEntries(
          Map.entry("relu", GraphBuilder::relu),
          Map.entry("clip", (b, x) -> b.node(Op.CLIP, x, b.scalar(0), b.scalar(6))),
          Map.entry("sigmoid", (b, x) -> b.node(Op.SIGMOID, x)),
          Map.entry("gelu", (b, x) -> b.node(Op.GELU, x)),
          Map.entry("swish", (b, x) -> b.mul(x, b.node(Op.SIGMOID, x))),
          Map.entry("batchNormalization", OperatorBenchmark::normalization),
          Map.entry("conv1x1", (b, x) -> conv(b, x, 1, 1, 1)),
          Map.entry("conv3x3", (b, x) -> conv(b, x, 3, 1, 1)),
          Map.entry("conv3x3Strided", (b, x) -> conv(b, x, 3, 2, 1)),
          Map.entry("depthwise3x3", (b, x) -> conv(b, x, 3, 1, CHANNELS)),
          Map.entry("depthwise3x3Strided", (b, x) -> conv(b, x, 3, 2, CHANNELS)),
          Map.entry("maxPool2x2", (b, x) -> pool(b, Op.MAX_POOL, x, 2, 0)),
          Map.entry("maxPool3x3", (b, x) -> pool(b, Op.MAX_POOL, x, 3, 1)),
          Map.entry("averagePool2x2", (b, x) -> pool(b, Op.AVERAGE_POOL, x, 2, 0)),
          Map.entry("globalAveragePool", (b, x) -> b.node(Op.GLOBAL_AVERAGE_POOL, x)),
          Map.entry("globalMaxPool", (b, x) -> b.node(Op.GLOBAL_MAX_POOL, x)),
          Map.entry("softmax", (b, x) -> b.node(Op.SOFTMAX, Attributes.of("axis", 1), x)));

  /** The operator. */
  @Param({
    "relu",
    "clip",
    "sigmoid",
    "gelu",
    "swish",
    "batchNormalization",
    "conv1x1",
    "conv3x3",
    "conv3x3Strided",
    "depthwise3x3",
    "depthwise3x3Strided",
    "maxPool2x2",
    "maxPool3x3",
    "averagePool2x2",
    "globalAveragePool",
    "globalMaxPool",
    "softmax"
  })
  public String operator = "";

  private CompiledGraph forward;
  private CompiledGraph gradient;
  private List<Tensor> forwardFeeds;
  private List<Tensor> gradientFeeds;

  /** JMH makes the state. */
  @SuppressWarnings("NullAway") // JMH calls prepare before anything else.
  public OperatorBenchmark() {}

  private static Tensor numbers(int... shape) {
    float[] values = new float[(int) Tensor.elements(shape)];
    Random random = new Random(5);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(values, shape);
  }

  private static Value conv(GraphBuilder b, Value x, int kernel, int stride, int group) {
    Value weights = b.constant(numbers(CHANNELS, CHANNELS / group, kernel, kernel));
    int pad = kernel / 2;
    Attributes attributes =
        Attributes.of("group", group)
            .with("strides", stride, stride)
            .with("pads", pad, pad, pad, pad);
    return b.node(Op.CONV, attributes, x, weights);
  }

  private static Value pool(GraphBuilder b, Op op, Value x, int kernel, int pad) {
    Attributes attributes =
        Attributes.of("kernel_shape", kernel, kernel)
            .with("strides", 2, 2)
            .with("pads", pad, pad, pad, pad);
    return b.node(op, attributes, x);
  }

  private static Value normalization(GraphBuilder b, Value x) {
    float[] ones = new float[CHANNELS];
    Arrays.fill(ones, 1);
    Value one = b.constant(Tensor.of(ones, CHANNELS));
    return b.node(Op.BATCH_NORMALIZATION, x, one, one, b.constant(numbers(CHANNELS)), one);
  }

  /** Compiles the operator, and the operator with its gradient. */
  @Setup(Level.Trial)
  public void prepare() {
    GraphBuilder b = new GraphBuilder();
    Shape shape = Shape.of(Shape.BATCH, CHANNELS, SIZE, SIZE);
    Value x = b.input("x", ElementType.FLOAT32, shape);
    Value y = Objects.requireNonNull(OPERATORS.get(operator)).apply(b, x);
    forward = CompiledGraph.compile(b.build(List.of(y)));
    Value seed = b.input("dy", ElementType.FLOAT32, y.shape());
    Value dx =
        Objects.requireNonNull(Differentiator.of(b).gradients(Map.of(y, seed), List.of(x)).get(x));
    gradient = CompiledGraph.compile(b.build(List.of(dx)));
    forwardFeeds = List.of(numbers(shape.forBatch(BATCH)));
    gradientFeeds = List.of(forwardFeeds.get(0), numbers(y.shape().forBatch(BATCH)));
  }

  /** Frees the native memory. */
  @TearDown(Level.Trial)
  public void close() {
    forward.close();
    gradient.close();
  }

  /**
   * The operator.
   *
   * @return its output
   */
  @Benchmark
  public Tensor forward() {
    return forward.run(forwardFeeds).get(0);
  }

  /**
   * The operator's gradient, and what it needs of the operator.
   *
   * @return the gradient with respect to the operator's input
   */
  @Benchmark
  public Tensor gradient() {
    return gradient.run(gradientFeeds).get(0);
  }
}
