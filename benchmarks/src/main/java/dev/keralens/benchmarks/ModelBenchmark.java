package dev.keralens.benchmarks;

import dev.keralens.ExplainOptions;
import dev.keralens.Explainer;
import dev.keralens.Model;
import dev.keralens.explain.Method;
import dev.keralens.graph.Shape;
import dev.keralens.method.GradCam;
import dev.keralens.method.Gradients;
import dev.keralens.network.Network;
import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
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

/** The parts of an explanation: reading the file, compiling, forward, backward. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class ModelBenchmark {
  /** The model's file; {@code -p model=FILE} takes another. */
  @Param("../models/shapes/shapes.keras")
  public String model = "";

  /** The size of the batch. */
  @Param("8")
  public int batch;

  private Model loaded;
  private Network network;
  private Explainer gradCam;
  private Explainer gradients;
  private Tensor x;

  /** JMH makes the state. */
  @SuppressWarnings("NullAway") // JMH calls prepare before anything else.
  public ModelBenchmark() {}

  /**
   * Reads the model, and compiles what is to be run.
   *
   * @throws IOException if the file cannot be read
   */
  @Setup(Level.Trial)
  public void prepare() throws IOException {
    loaded = Model.load(Path.of(model));
    network = loaded.network();
    Shape shape = network.inputs().get(0).shape();
    int[] sizes = shape.forBatch(batch);
    float[] values = new float[(int) Tensor.elements(sizes)];
    Random random = new Random(1);
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat();
    }
    x = Tensor.of(values, sizes);
    gradCam = explainer(GradCam.create());
    gradients = explainer(Gradients.create());
  }

  private Explainer explainer(Method method) {
    return Explainer.of(loaded, ExplainOptions.defaults().withBatchSize(batch), method);
  }

  /** Frees the native memory. */
  @TearDown(Level.Trial)
  public void close() {
    gradCam.close();
    gradients.close();
    loaded.close();
  }

  /**
   * The file to a graph; weights are read when it is compiled.
   *
   * @return the network
   * @throws IOException if the file cannot be read
   */
  @Benchmark
  public Network read() throws IOException {
    try (Model fresh = Model.load(Path.of(model))) {
      return fresh.network();
    }
  }

  /** A graph to a compiled one, the weights read. */
  @Benchmark
  public void compile() {
    try (CompiledGraph graph = CompiledGraph.compile(network.graph())) {
      graph.prepare(x.size(0));
    }
  }

  /**
   * The forward pass.
   *
   * @return the model's output
   */
  @Benchmark
  public Tensor forward() {
    return loaded.predict(x);
  }

  /**
   * The forward pass, and backward to the last activation.
   *
   * @return the maps
   */
  @Benchmark
  public Tensor gradCam() {
    return gradCam.explain(x).maps();
  }

  /**
   * The forward pass, and backward to the input.
   *
   * @return the maps
   */
  @Benchmark
  public Tensor gradients() {
    return gradients.explain(x).maps();
  }
}
