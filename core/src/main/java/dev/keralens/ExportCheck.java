package dev.keralens;

import dev.keralens.applications.Preprocessing;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.inspect.InputScaling;
import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Runs an exported file by ONNX Runtime alone, and what it was made of here, on noise. */
final class ExportCheck {
  private static final int IMAGES = 2;

  private final Model model;
  private final Path file;
  private final ExportOptions options;
  private final List<Shape> shapes;
  private final Map<String, Tensor> fed = new LinkedHashMap<>();
  private final List<Tensor> inputs = new ArrayList<>();
  private final Map<String, Tensor> expected = new LinkedHashMap<>();

  ExportCheck(Model model, Path file, ExportOptions options) {
    this.model = model;
    this.file = file;
    this.options = options;
    this.shapes = Exporter.shapes(model.name(), model.inputs(), options);
    Random random = new Random(1);
    for (int i = 0; i < shapes.size(); i++) {
      int[] shape = shapes.get(i).forBatch(IMAGES);
      Tensor given = noise(model.inputs().get(i).type(), shape, random);
      fed.put(model.network(shapes).graph().inputs().get(i).name(), given);
      inputs.add(options.embeddedPreprocessing().map(p -> preprocessed(p, given)).orElse(given));
    }
  }

  /** Pixels where the file takes them, else values from 0 to 1; whole numbers are 0 or 1. */
  private Tensor noise(ElementType type, int[] shape, Random random) {
    int elements = Math.toIntExact(Tensor.elements(shape));
    if (type == ElementType.FLOAT32) {
      float scale = options.embeddedPreprocessing().isPresent() ? 255 : 1;
      float[] values = new float[elements];
      for (int i = 0; i < elements; i++) {
        values[i] = random.nextFloat() * scale;
      }
      return Tensor.of(values, shape);
    }
    int width = type.bytes();
    ByteBuffer values =
        ByteBuffer.allocate(Math.multiplyExact(elements, width)).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < elements; i++) {
      values.put(i * width, (byte) random.nextInt(2));
    }
    return Tensor.wrap(type, values, shape);
  }

  private static Tensor preprocessed(Preprocessing pixels, Tensor given) {
    GraphBuilder b = new GraphBuilder();
    int[] sizes = given.shape();
    sizes[0] = Shape.BATCH;
    Shape shape = Shape.of(sizes);
    Value x = b.input("pixels", ElementType.FLOAT32, shape);
    Value scaled = pixels.add(b, x, InputScaling.channelAxis(shape));
    try (CompiledGraph graph = CompiledGraph.compile(b.build(List.of(scaled)))) {
      return graph.run(List.of(given)).get(0);
    }
  }

  /** Compares the model's outputs. */
  ExportCheck outputs() {
    List<Tensor> own = model.predict(inputs, ExplainOptions.defaults());
    List<String> names = model.outputNames(shapes);
    for (int i = 0; i < own.size(); i++) {
      expected.put(names.get(i), own.get(i));
    }
    return this;
  }

  /** Compares the maps. */
  ExportCheck maps(Explainer explainer, List<String> names) {
    int count = options.units();
    long[] some = new long[IMAGES * count];
    for (int i = 0; i < some.length; i++) {
      some[i] = count - 1L - i % count;
    }
    Tensor given = Tensor.of(some, IMAGES, count);
    if (!options.highest()) {
      fed.put(ExplainerExport.unitsInput(fed.keySet()), given);
    }
    Units units = options.highest() ? Units.top(count) : Units.each(given);
    List<Explanation> why = explainer.explainAll(inputs, units);
    if (options.highest()) {
      expected.put(ExplainerExport.UNITS, why.get(0).units());
    }
    for (int i = 0; i < names.size(); i++) {
      expected.put(names.get(i), why.get(i).maps());
    }
    return this;
  }

  /** For each output of the file, the largest difference as a part of the largest value. */
  Map<String, Double> differences() {
    Map<String, Tensor> actual = CompiledGraph.runFile(file, fed);
    Map<String, Double> differences = new LinkedHashMap<>();
    expected.forEach((name, tensor) -> differences.put(name, difference(tensor, actual.get(name))));
    return differences;
  }

  private static double difference(Tensor expected, @Nullable Tensor actual) {
    if (actual == null || !Shape.of(expected.shape()).equals(Shape.of(actual.shape()))) {
      return Double.POSITIVE_INFINITY;
    }
    float[] want = expected.toFloatArray();
    float[] got = actual.toFloatArray();
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < want.length; i++) {
      largest = Math.max(largest, Math.abs(want[i]));
      boolean same = Float.compare(want[i], got[i]) == 0 || want[i] == got[i];
      difference = Math.max(difference, same ? 0 : Math.abs((double) want[i] - got[i]));
    }
    return largest == 0 ? difference : difference / largest;
  }
}
