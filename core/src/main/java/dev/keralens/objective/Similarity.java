package dev.keralens.objective;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.inspect.Logits;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import dev.keralens.network.Network;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The cosine of the output, an embedding, to each of some others.
 *
 * @param references float (references, numbers of an embedding...)
 * @param names what they are called
 */
record Similarity(Tensor references, List<String> names) implements Base {
  private static final double SMALLEST = 1e-12;

  Similarity {
    names = List.copyOf(names);
    if (references.rank() < 2 || references.elements() == 0) {
      throw new IllegalArgumentException(
          "Embeddings to compare with are (images, numbers), as the model gives them; got %s."
              .formatted(references.typeAndShape()));
    }
  }

  @Override
  public ResolvedObjective of(
      Network network, List<String> outputs, int output, @Nullable Integer unitAxis) {
    if (unitAxis != null) {
      throw new IllegalArgumentException(
          "An embedding is compared as a whole; there is no axis of units to name.");
    }
    Logits itself = Logits.ofOutput(network, output).ofImages();
    KerasTensor embedding = itself.tensor();
    int count = references.size(0);
    int numbers = Math.toIntExact(-embedding.shape().elements());
    int given = references.elements() / count;
    if (Math.abs(numbers) != given) {
      throw new IllegalArgumentException(
          "The output %s has %d numbers for each image, but the embeddings to compare with have %d."
              .formatted(embedding.shape(), Math.abs(numbers), given));
    }
    GraphBuilder b = GraphBuilder.from(itself.network().graph());
    b.scope("objective");
    Value shown = UnitSlices.arranged(b, embedding.value(), embedding.layout(), Layout.PLAIN);
    Value flat = b.cast(b.reshape(shown, Shape.of(Shape.BATCH, given)), ElementType.FLOAT32);
    Value squares = b.reduceSum(b.mul(flat, flat), true, 1);
    Value length = b.node(Op.SQRT, b.max(squares, b.scalar(SMALLEST, ElementType.FLOAT32)));
    Value cosines = b.matMul(b.div(flat, length), b.constant(directions(given, count)));
    return ResolvedObjective.of(
        output,
        itself,
        b,
        embedding,
        cosines,
        "the cosine of the output, %d numbers, to that of %s"
            .formatted(given, String.join(", ", names())),
        names());
  }

  /** The references, each of length 1, as columns. */
  private Tensor directions(int numbers, int count) {
    float[] all = references.toFloatArray();
    float[] columns = new float[all.length];
    for (int k = 0; k < count; k++) {
      double squares = 0;
      for (int i = 0; i < numbers; i++) {
        squares += (double) all[k * numbers + i] * all[k * numbers + i];
      }
      if (!(squares > 0) || Double.isInfinite(squares)) {
        throw new IllegalArgumentException(
            "The embedding of %s has no direction to compare with: it is zero, or not finite."
                .formatted(names().get(k)));
      }
      double length = Math.sqrt(squares);
      for (int i = 0; i < numbers; i++) {
        columns[i * count + k] = (float) (all[k * numbers + i] / length);
      }
    }
    return Tensor.of(columns, numbers, count);
  }

  @Override
  public List<String> names() {
    if (names.size() == references.size(0)) {
      return names;
    }
    List<String> numbered = new ArrayList<>();
    for (int i = 0; i < references.size(0); i++) {
      numbered.add("reference " + i);
    }
    return numbered;
  }
}
