package dev.keralens.method.pass;

import dev.keralens.explain.Baseline;
import dev.keralens.explain.Probes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/** The rows of a {@link Baseline} for images. */
public final class Baselines {
  private Baselines() {}

  /**
   * Of images, baselines of the same shape.
   *
   * @param probes compiles what depends on the image
   * @throws IllegalArgumentException if an image was given that does not fit the input
   */
  public static UnaryOperator<Tensor> of(Baseline baseline, Probes probes) {
    KerasTensor input = probes.input();
    GraphBuilder b = new GraphBuilder();
    Value images = b.input("images", input.value().type(), input.value().shape());
    Value added = baseline.add(b, input, images);
    if (baseline.ofImage()) {
      Probes.Compiled graph = probes.compile(b, List.of(b.expand(added, images.shape())));
      return given -> graph.run(List.of(given)).get(0);
    }
    float[] row =
        baseline instanceof Baseline.Image image
            ? image.row().toFloatArray()
            : new float[] {((Baseline.Uniform) baseline).value()};
    return given -> {
      float[] all = new float[given.elements()];
      for (int i = 0; i < all.length; i++) {
        all[i] = row[i % row.length];
      }
      return Tensor.of(all, given.shape());
    };
  }
}
